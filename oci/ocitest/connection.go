package ocitest

import "cmp"

// Connection is a connection of the service to a source or a target.
type Connection struct {
	// CompartmentID is the OCID of its compartment, Compartment when empty.
	CompartmentID string
	// Name is its display name.
	Name string
	// Type is ORACLE when empty. It may be one that no documentation has.
	Type string
	// Status is the lifecycle state, ACTIVE when empty.
	Status string
}

func (c *Connection) complete() {
	c.CompartmentID = cmp.Or(c.CompartmentID, Compartment)
	c.Type, c.Status = cmp.Or(c.Type, "ORACLE"), cmp.Or(c.Status, "ACTIVE")
}

func listConnections(p *ControlPlane, compartment string, _ map[string]string) []object {
	var items []object
	for _, c := range p.Connections {
		if c.CompartmentID == compartment {
			items = append(items, object{
				"id": ocid("goldengateconnection", compartment, c.Name), "compartmentId": compartment,
				"displayName": c.Name, "connectionType": c.Type, "lifecycleState": c.Status,
				"technologyType": "ORACLE_DATABASE", "ingressIps": []any{},
			})
		}
	}
	return items
}
