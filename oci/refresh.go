package oci

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/identity"

	"github.com/ogg-exporter/ogg_exporter/wire"
)

// read finds the compartments, and then reads all parts in parallel, each with slots of its own.
func (s *session) read(ctx context.Context, inv, before *Inventory) {
	compartments, listed, unlisted := s.findCompartments(ctx, before)
	s.compartments, inv.compartments = compartments, compartments
	var backups map[string]wire.Timestamp
	reads := make([][]Read, 4)
	var group wire.Group
	for i, find := range []func(s *session) []Read{
		func(s *session) []Read { return s.findDeployments(ctx, inv, before) },
		func(s *session) (r []Read) { backups, r = s.findBackups(ctx); return r },
		func(s *session) []Read { return s.findConnections(ctx, inv) },
		func(s *session) []Read { return s.findPipelines(ctx, inv) },
	} {
		group.Go(func() {
			reads[i] = find(s.part())
		})
	}
	group.Wait()
	inv.Err = wire.Join(unlisted, inv.Err)
	inv.Reads = slices.Concat(listed, slices.Concat(reads...), s.checkURLs(inv))
	for _, d := range inv.Deployments {
		if at, is := backups[d.ID]; is {
			d.LastBackup = at
		}
	}
}

// identityPath is the version of the API of OCI's service Identity, which lists compartments.
const identityPath = "20160918"

// findCompartments returns the compartments to read: those of the configuration and, if it includes
// them, all below. If these cannot be listed, it returns those of the previous refresh, with the
// error.
func (s *session) findCompartments(ctx context.Context, before *Inventory) ([]string, []Read, error) {
	roots := s.config.CompartmentIDs
	if !s.config.IncludeSubcompartments {
		return roots, nil, nil
	}
	begin := time.Now()
	if s.tenancy == "" {
		err := errors.New("the credentials name no tenancy")
		return roots, []Read{timed(PartCompartments, begin, err)}, err
	}
	all, err := s.readCompartments(ctx)
	found := below(roots, all)
	if err != nil && before != nil {
		found = below(slices.Concat(found, before.compartments), nil)
	}
	return found, []Read{timed(PartCompartments, begin, err)}, err
}

// readCompartments lists the active compartments of the tenancy that the user may see (GET
// /compartments of the service Identity). An item that cannot be identified is an error; the others
// are still returned. It needs inspect compartments in the tenancy.
func (s *session) readCompartments(ctx context.Context) ([]compartment, error) {
	items, err := s.atIdentity().list(ctx, "/compartments", func(page *string) common.OCIRequest {
		return identity.ListCompartmentsRequest{
			CompartmentId: &s.tenancy, CompartmentIdInSubtree: new(true), Page: page, Limit: new(pageLimit),
			AccessLevel: identity.ListCompartmentsAccessLevelAccessible, LifecycleState: identity.CompartmentLifecycleStateActive,
		}
	})
	found, errs := make([]compartment, len(items)), make([]error, len(items))
	for i, item := range items {
		f, err := wire.FieldsOf(item)
		if err == nil {
			err = found[i].fill(f)
		}
		errs[i] = err
	}
	return found, wire.Join(err, wire.Summarize(errs, "compartments"))
}

// atIdentity returns the session for the service Identity.
func (s *session) atIdentity() *session {
	other := s.part()
	other.sdk.Host, other.sdk.BasePath = s.identityURL, identityPath
	return other
}

// fail records that nothing could be read, and keeps the deployments of the previous refresh.
func (inv *Inventory) fail(err error, before *Inventory) {
	inv.Err = err
	inv.Reads = []Read{{Part: PartDeployments, Err: err}}
	for _, d := range before.deployments() {
		inv.Deployments = append(inv.Deployments, new(*d))
	}
}

// deployments returns the deployments; none of a nil Inventory.
func (inv *Inventory) deployments() []*Deployment {
	if inv == nil {
		return nil
	}
	return inv.Deployments
}

// timed returns the outcome of a part that began at begin.
func timed(part string, begin time.Time, err error) Read {
	return Read{Part: part, Took: time.Since(begin), Err: wire.Show(err)}
}

// findDeployments lists the deployments of all compartments, and reads the details of each as soon
// as its compartment is listed. For a compartment that cannot be listed, it keeps the deployments of
// the previous refresh.
func (s *session) findDeployments(ctx context.Context, inv, before *Inventory) []Read {
	begin, apart := time.Now(), s.part()
	found := make([][]*Deployment, len(s.compartments))
	broken, details := make([]error, len(found)), make([][]error, len(found))
	var group wire.Group
	failed := s.inCompartments(func(i int, id string) (err error) {
		found[i], broken[i], err = s.readDeployments(ctx, id)
		group.Go(func() {
			details[i] = apart.findDetails(ctx, found[i])
		})
		return err
	})
	inv.Err = wire.Summarize(failed, "compartments")
	reads := []Read{timed(PartDeployments, begin, wire.Join(inv.Err, wire.Join(broken...)))}
	group.Wait()
	reads = append(reads, timed(PartDetails, begin, wire.Summarize(slices.Concat(details...), "deployments")))
	recall(slices.Concat(found...), before)
	for i, id := range s.compartments {
		for _, d := range before.deployments() {
			if failed[i] != nil && d.CompartmentID == id {
				found[i] = append(found[i], new(*d))
			}
		}
	}
	inv.Deployments = s.sorted(slices.Concat(found...))
	return reads
}

// recall fills in the GoldenGate name of deployments whose details could not be read. The name
// never changes, and without it they would be read as different deployments.
func recall(all []*Deployment, before *Inventory) {
	names := map[string]string{}
	for _, was := range before.deployments() {
		names[was.ID] = was.OGGName
	}
	for _, d := range all {
		d.OGGName = cmp.Or(d.OGGName, names[d.ID])
	}
}

// findDetails reads the details of each deployment, and returns the error of each.
func (s *session) findDetails(ctx context.Context, all []*Deployment) []error {
	errs := make([]error, len(all))
	onEach(len(all), func(i int) {
		errs[i] = s.options.Panics.Catch("the details of a deployment", func() error { return s.readDetails(ctx, all[i]) })
	})
	return errs
}

// sorted returns the deployments labelled and sorted by label, without duplicates and without those
// that, by their details, are deleted or excluded by the configuration.
func (s *session) sorted(all []*Deployment) []*Deployment {
	met := map[string]bool{}
	all = slices.DeleteFunc(all, func(d *Deployment) bool {
		duplicate := met[d.ID] // happens when the pages shift while they are being read
		met[d.ID] = true
		return duplicate || d.Status == stateDeleted || !s.config.Wants(d.DisplayName)
	})
	names := make([]named, len(all))
	for i, d := range all {
		names[i] = named{d.ID, d.DisplayName}
	}
	for i, label := range labelsOf(names) {
		all[i].Label = label
	}
	slices.SortFunc(all, func(a, b *Deployment) int { return cmp.Compare(a.Label, b.Label) })
	return all
}

// checkURLs decides to which of the deployments to read the credentials of scrape may go. Without
// scrape in the configuration there is nothing to decide.
func (s *session) checkURLs(inv *Inventory) []Read {
	if s.config.Scrape == nil {
		return nil
	}
	begin, errs := time.Now(), make([]error, len(inv.Deployments))
	for i, d := range inv.Deployments {
		errs[i] = d.checkURL(s.hosts, inv.inPlainText())
	}
	return []Read{timed(PartScrape, begin, wire.Summarize(errs, "deployments"))}
}

// findBackups returns when the latest backup of each deployment ended, by the deployment's OCID. A
// deployment with a backup of which that is not known has none: an earlier one may not be the
// latest.
func (s *session) findBackups(ctx context.Context) (map[string]wire.Timestamp, []Read) {
	begin := time.Now()
	found := make([][]backup, len(s.compartments))
	failed := s.inCompartments(func(i int, id string) (err error) {
		found[i], err = s.readBackups(ctx, id)
		return err
	})
	latest, unknown := map[string]wire.Timestamp{}, map[string]bool{}
	for _, b := range slices.Concat(found...) {
		if b.ended.IsZero() {
			unknown[b.deployment] = true
		} else if b.ended.After(latest[b.deployment].Time) {
			latest[b.deployment] = b.ended
		}
	}
	maps.DeleteFunc(latest, func(id string, _ wire.Timestamp) bool { return unknown[id] })
	return latest, []Read{timed(PartBackups, begin, wire.Summarize(failed, "compartments"))}
}

// findConnections counts the connections of all compartments, without duplicates, but only if all
// could be listed: a partial count would be taken for the total.
func (s *session) findConnections(ctx context.Context, inv *Inventory) []Read {
	begin := time.Now()
	found := make([][]connection, len(s.compartments))
	failed := s.inCompartments(func(i int, id string) (err error) {
		found[i], err = s.readConnections(ctx, id)
		return err
	})
	if !slices.ContainsFunc(found, func(listed []connection) bool { return listed == nil }) {
		inv.Connections = map[string]int{}
		met := map[string]bool{}
		for _, c := range slices.Concat(found...) {
			if c.id == "" || !met[c.id] {
				inv.Connections[c.status]++
			}
			met[c.id] = true
		}
	}
	return []Read{timed(PartConnections, begin, wire.Summarize(failed, "compartments"))}
}

// findPipelines reads the pipelines of all compartments, without duplicates.
func (s *session) findPipelines(ctx context.Context, inv *Inventory) []Read {
	begin := time.Now()
	found := make([][]*Pipeline, len(s.compartments))
	failed := s.inCompartments(func(i int, id string) (err error) {
		found[i], err = s.readPipelines(ctx, id)
		return err
	})
	met := map[string]bool{}
	inv.Pipelines = slices.DeleteFunc(slices.Concat(found...), func(p *Pipeline) bool {
		duplicate := met[p.ID]
		met[p.ID] = true
		return duplicate
	})
	names := make([]named, len(inv.Pipelines))
	for i, p := range inv.Pipelines {
		names[i] = named{p.ID, p.DisplayName}
	}
	for i, label := range labelsOf(names) {
		inv.Pipelines[i].Label = label
	}
	slices.SortFunc(inv.Pipelines, func(a, b *Pipeline) int { return cmp.Compare(a.Label, b.Label) })
	return []Read{timed(PartPipelines, begin, wire.Summarize(failed, "compartments"))}
}

// inCompartments calls read for all compartments in parallel, and returns the error of each.
func (s *session) inCompartments(read func(i int, id string) error) []error {
	errs := make([]error, len(s.compartments))
	var group wire.Group
	for i, id := range s.compartments {
		group.Go(func() {
			if err := s.options.Panics.Catch("a list", func() error { return read(i, id) }); err != nil {
				errs[i] = fmt.Errorf("compartment …%s: %w", end(id, 6), err)
			}
		})
	}
	group.Wait()
	return errs
}
