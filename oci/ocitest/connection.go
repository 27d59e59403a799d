package ocitest

import "cmp"

// Connection is a connection from the service to a source or target.
type Connection struct {
	// CompartmentID is the OCID of its compartment; Compartment if empty.
	CompartmentID string
	// Name is the display name.
	Name string
	// Type is ORACLE if empty. It need not be one that Oracle documents.
	Type string
	// Status is the lifecycle state; ACTIVE if empty.
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
