package oci

import (
	"context"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/goldengate"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// readBackups lists the backups of a compartment (GET /deploymentBackups) and returns when the
// latest successful one of each deployment ended, by the deployment's OCID. A backup without an end
// time counts from when it began. It needs inspect goldengate-deployment-backups.
func (s *session) readBackups(ctx context.Context, compartment string) (map[string]wire.Timestamp, error) {
	items, err := s.list(ctx, "/deploymentBackups", func(page *string) common.OCIRequest {
		return goldengate.ListDeploymentBackupsRequest{
			CompartmentId: &compartment, Page: page, Limit: new(pageLimit),
			LifecycleState: goldengate.DeploymentBackupLifecycleStateActive,
		}
	})
	if err != nil {
		return nil, err
	}
	latest, errs := map[string]wire.Timestamp{}, make([]error, len(items))
	for i, item := range items {
		f, err := wire.FieldsOf(item)
		if err != nil {
			errs[i] = err
			continue
		}
		var deployment, status string
		var ended wire.Timestamp
		wire.Take(f, "deploymentId", &deployment)
		wire.TakeWord(f, "lifecycleState", &status)
		wire.Take(f, "timeOfBackup", &ended)
		wire.Take(f, "timeBackupFinished", &ended)
		errs[i] = f.Err()
		if status == "active" && ended.After(latest[deployment].Time) {
			latest[deployment] = ended
		}
	}
	return latest, wire.Summarize(errs, "backups")
}
