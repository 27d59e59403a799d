package ogg

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/ogg-exporter/ogg_exporter/ogg/internal/rest"
	"github.com/ogg-exporter/ogg_exporter/wire"
)

// APIVersion is a version of the REST API that a Service Manager offers. Fields that were not
// reported are empty, but not both.
type APIVersion struct {
	// Version is such as v2.
	Version string `json:"version"`
	// Lifecycle is active or deprecated.
	Lifecycle string `json:"lifecycle"`
}

// versionsMemory keeps the versions until the Service Manager restarts.
type versionsMemory struct{ versions atomic.Pointer[[]APIVersion] }

// readVersions returns the versions of the API, of the Service Manager alone: 1 request for
// each start of it.
func readVersions(ctx context.Context, v *visit) ([]APIVersion, bool, error) {
	if v.root == nil {
		return nil, false, nil
	}
	memory := wire.Remembered[versionsMemory](v.manager.Memory())
	if versions := memory.versions.Load(); versions != nil {
		return *versions, true, nil
	}
	versions, err := listVersions(ctx, v.root)
	switch {
	case err == nil:
		memory.versions.Store(&versions)
	case isOfFront(err):
		memory.versions.Store(&[]APIVersion{})
		return nil, true, nil
	}
	return versions, true, err
}

// isOfFront reports whether something other than GoldenGate may have answered, which does not
// know or does not let through what is asked.
func isOfFront(err error) bool {
	if body, is := errors.AsType[*BodyError](err); is {
		return body.HTML
	}
	_, redirected := errors.AsType[*RedirectError](err)
	return redirected || rest.IsNotFound(err) || rest.IsRejection(err)
}

// listVersions reads GET /services (all releases; no role), which is above the version of the
// API and has no envelope. It may return versions beside an error.
func listVersions(ctx context.Context, root *rest.Endpoint) ([]APIVersion, error) {
	var list struct {
		Items *[]APIVersion `json:"items"`
	}
	var odd []wire.Odd
	err := root.Read(ctx, "/services", func(url string, body []byte) (err error) {
		odd, err = wire.Unmarshal(body, &list)
		if err != nil || list.Items == nil {
			return &BodyError{URL: url, Got: "no list of the API's versions", HTML: bytes.HasPrefix(bytes.TrimSpace(body), []byte("<")), Err: err}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range *list.Items {
		v := &(*list.Items)[i]
		v.Lifecycle = strings.ToLower(v.Lifecycle)
	}
	name := func(v APIVersion) string { return strings.TrimSpace(v.Version + " " + v.Lifecycle) }
	// Neither part of the name is documented as required.
	known := slices.DeleteFunc(*list.Items, func(v APIVersion) bool { return name(v) == "" })
	versions, duplicates := unique(known, name)
	errs := []error{duplicates}
	for _, o := range odd {
		errs = append(errs, errors.New(o.String()))
	}
	if err := wire.Join(errs...); err != nil {
		return versions, fmt.Errorf("GET /services: %w", err)
	}
	return versions, nil
}

// notOffered returns the error for which nothing could be listed, and adds that the Service
// Manager offers other versions of the API than the wanted one, if that is so.
func notOffered(versions []APIVersion, wanted string, err error) error {
	var offered []string
	for _, v := range versions {
		offered = append(offered, v.Version)
	}
	if len(offered) == 0 || slices.Contains(offered, wanted) {
		return err
	}
	return fmt.Errorf("the Service Manager offers %s of its API, not %s; see api_version: %w", strings.Join(offered, ", "), wanted, err)
}
