package oci

import (
	"context"
	"strings"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/goldengate"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// backup is a successful backup of a deployment, as far as can be told.
type backup struct {
	deployment string         // its OCID
	ended      wire.Timestamp // the zero time if that cannot be told
}

// readBackups lists the backups of a compartment (GET /deploymentBackups), those that failed left
// out. A backup without an end time counts from when it began. It needs inspect
// goldengate-deployment-backups.
func (s *session) readBackups(ctx context.Context, compartment string) ([]backup, error) {
	items, err := s.list(ctx, "/deploymentBackups", func(page *string) common.OCIRequest {
		return goldengate.ListDeploymentBackupsRequest{
			CompartmentId: &compartment, Page: page, Limit: new(pageLimit),
			LifecycleState: goldengate.DeploymentBackupLifecycleStateActive,
		}
	})
	if err != nil {
		return nil, err
	}
	var backups []backup
	errs := make([]error, len(items))
	for i, item := range items {
		b, err := newBackup(item)
		if errs[i] = err; b != nil {
			backups = append(backups, *b)
		}
	}
	return backups, wire.Summarize(errs, "backups")
}

// newBackup returns the backup that an item describes, nil if it is not one that succeeded.
func newBackup(item []byte) (*backup, error) {
	f, err := wire.FieldsOf(item)
	if err != nil {
		return nil, err
	}
	var b backup
	var status string
	var begin, end wire.Timestamp
	wire.Need(f, "deploymentId", &b.deployment)
	wire.Need(f, "lifecycleState", &status)
	wire.Take(f, "timeOfBackup", &begin)
	wire.Take(f, "timeBackupFinished", &end)
	switch {
	case status != "" && !strings.EqualFold(status, "active"):
		return nil, f.Err()
	case status != "" && !end.IsZero():
		b.ended = end
	case f.Err() == nil:
		b.ended = begin
	}
	return &b, f.Err()
}
