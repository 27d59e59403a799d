package main

import (
	"slices"
	"strconv"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/model/relabel"
)

// TestHashmod checks that a target gets into the share that Prometheus puts it in.
func TestHashmod(t *testing.T) {
	for _, modulus := range []uint64{1, 2, 3, 4, 100} {
		rule := &relabel.Config{
			SourceLabels: model.LabelNames{"__param_target", "instance"}, Separator: ";", Action: relabel.HashMod, Modulus: modulus,
			TargetLabel: "__tmp_shard", NameValidationScheme: model.UTF8Validation,
		}
		for i := range 100 {
			target := targetName(i)
			b := labels.NewBuilder(labels.FromStrings("__param_target", target, "instance", "a "+target))
			if !relabel.ProcessBuilder(b, rule) {
				t.Fatalf("%s was dropped", target)
			}
			if got, want := strconv.FormatUint(hashmod(modulus, target, "a "+target), 10), b.Get("__tmp_shard"); got != want {
				t.Errorf("hashmod(%d, %s) = %s, want %s", modulus, target, got, want)
			}
		}
	}
}

// TestSharesAreUneven checks what docs/collectors-and-cost.md says of few targets.
func TestSharesAreUneven(t *testing.T) {
	for _, c := range []struct {
		targets int
		want    []int
	}{
		{10, []int{4, 6}},
		{40, []int{22, 18}},
		{40, []int{8, 8, 14, 10}},
		{100, []int{59, 41}},
		{1000, []int{249, 249, 261, 241}},
	} {
		shares := make([]int, len(c.want))
		for i := range c.targets {
			shares[hashmod(uint64(len(shares)), targetName(i))]++
		}
		if !slices.Equal(shares, c.want) {
			t.Errorf("%d targets are dealt out as %v, want %v", c.targets, shares, c.want)
		}
	}
}
