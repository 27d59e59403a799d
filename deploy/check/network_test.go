package check

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// networkProblems is about who finds whom: selectors and ports.
func networkProblems(m *manifest) (problems []string) {
	if len(m.deployments) == 0 || len(m.services) != len(m.deployments) {
		problems = append(problems, "not each Deployment has a Service")
	}
	for _, d := range m.deployments {
		if !selects(d.Spec.Selector, d.Spec.Template.Labels) {
			problems = append(problems, "the Deployment "+d.Name+" does not select its own pods")
		}
		for _, other := range m.deployments {
			if other != d && selects(d.Spec.Selector, other.Spec.Template.Labels) {
				problems = append(problems, "the Deployment "+d.Name+" selects the pods of "+other.Name)
			}
		}
	}
	for _, s := range m.services {
		problems = append(problems, serviceProblems(m, s)...)
	}
	for _, o := range m.all {
		if ns := o.GetNamespace(); ns != "" && ns != namespace {
			problems = append(problems, o.GetName()+" is in another namespace")
		}
	}
	return append(problems, policyProblems(m)...)
}

func serviceProblems(m *manifest, s *corev1.Service) (problems []string) {
	found := 0
	for _, d := range m.deployments {
		if labels.SelectorFromSet(s.Spec.Selector).Matches(labels.Set(d.Spec.Template.Labels)) {
			found++
			for _, p := range s.Spec.Ports {
				if !slices.ContainsFunc(d.Spec.Template.Spec.Containers[0].Ports, isPort(p.TargetPort)) {
					problems = append(problems, "the container has no port "+p.TargetPort.String()+" of the Service "+s.Name)
				}
			}
		}
	}
	if found != 1 {
		problems = append(problems, fmt.Sprintf("the Service %s leads to %d exporters", s.Name, found))
	}
	return problems
}

// policyProblems is about NetworkPolicies: every pod has one, which lets the port in, and DNS out if it restricts that.
func policyProblems(m *manifest) (problems []string) {
	for _, d := range m.deployments {
		found := 0
		for _, p := range m.policies {
			if !selects(&p.Spec.PodSelector, d.Spec.Template.Labels) {
				continue
			}
			found++
			for _, in := range p.Spec.Ingress {
				if len(in.Ports) != 1 || !isPort(*in.Ports[0].Port)(d.Spec.Template.Spec.Containers[0].Ports[0]) {
					problems = append(problems, "the NetworkPolicy "+p.Name+" is about another port")
				}
			}
			if len(p.Spec.Ingress) == 0 {
				problems = append(problems, "the NetworkPolicy "+p.Name+" lets nobody in")
			}
		}
		if found != 1 {
			problems = append(problems, fmt.Sprintf("%d NetworkPolicies are about the Deployment %s", found, d.Name))
		}
	}
	return problems
}

// isPort returns whether a port of a container is the one meant by number or name.
func isPort(meant intstr.IntOrString) func(corev1.ContainerPort) bool {
	return func(p corev1.ContainerPort) bool {
		return meant == intstr.FromInt32(p.ContainerPort) || meant == intstr.FromString(p.Name)
	}
}

func selects(s *metav1.LabelSelector, of map[string]string) bool {
	selector, err := metav1.LabelSelectorAsSelector(s)
	return err == nil && !selector.Empty() && selector.Matches(labels.Set(of))
}
