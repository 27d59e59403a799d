package oggtest

import "fmt"

// tablePoints are the operations of a process per table.
var tablePoints = []point{
	{name: "statisticsTableExtract", of: (*monitored).extracts, tell: (*monitored).statisticsTableExtract},
	{name: "statisticsTableReplicat", of: (*monitored).replicates, tell: (*monitored).statisticsTableReplicat},
}

// tables returns how many tables the process maps.
func (m *monitored) tables() int {
	if m.process.spec.Tables == 0 {
		return 4
	}
	return max(0, m.process.spec.Tables)
}

// tableNames are the names of the first tables. The others are numbered.
var tableNames = []string{"ORDERS", "ORDER_ITEMS", "CUSTOMERS", "PRODUCTS", "STOCK", "WAREHOUSE", "PAYMENTS", "DISTRICT"}

func tableName(schema string, n int) string {
	if n < len(tableNames) {
		return schema + "." + tableNames[n]
	}
	return fmt.Sprintf("%s.T%05d", schema, n+1)
}

// ofTable returns the share of the nth table in a count: half goes to the first, and the others
// take turns. The shares add up to the count, and none ever decreases.
func (m *monitored) ofTable(n int, count int64) int64 {
	of := m.tables()
	switch {
	case of == 1:
		return count
	case n == 0:
		return count - count/2
	}
	return turn(count/2, n-1, of-1)
}

// statisticsTableExtract lists the tables of an Extract.
func (m *monitored) statisticsTableExtract() (object, *failure) {
	return m.eachTable("statisticsTableExtract", func(n int64, _ int) object {
		return object{
			{"totalRowFetchAttempts", number(n / 50)},
			{"totalRowFetchFailures", number(n / 5000)},
		}
	})
}

// statisticsTableReplicat lists the tables of a Replicat.
func (m *monitored) statisticsTableReplicat() (object, *failure) {
	detected, resolved, failed := m.conflicts()
	return m.eachTable("statisticsTableReplicat", func(_ int64, table int) object {
		return object{
			{"totalConflictsDetected", number(m.ofTable(table, detected))},
			{"totalConflictsResolved", number(m.ofTable(table, resolved))},
			{"totalConflictsFailed", number(m.ofTable(table, failed))},
			{"totalDeleteRowExists", number(m.ofTable(table, detected/8))},
			{"totalDeleteRowMissing", number(m.ofTable(table, detected/6))},
		}
	})
}

// eachTable lists the members that all tables have in common, and more.
func (m *monitored) eachTable(name string, more func(operations int64, table int) object) (object, *failure) {
	if m.tables() == 0 && m.server.spec.NoData != NoDataEmpty {
		return nil, noData
	}
	all, operations, discards := make(list, m.tables()), m.operations(), m.discards()
	for i := range all {
		n := m.ofTable(i, operations)
		all[i] = join(
			object{{"tableName", tableName("SALES", i)}},
			when(m.server.profile.points.targetTables, member{"targetTableName", tableName("SALES_COPY", i)}),
			m.mapped(n),
			object{
				{"totalDiscards", number(m.ofTable(i, discards))},
				{"totalIgnores", number(n / 700)},
			},
			more(n, i),
		)
	}
	return object{{name, all}}, nil
}
