package check

import (
	"fmt"
	"path"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"
)

// port is where the exporter listens.
const port = 17809

// podProblems is about what runs: what the level "restricted" of pod security demands, and more.
func podProblems(m *manifest) (problems []string) {
	evaluator, err := policy.NewEvaluator(policy.DefaultChecks(), nil)
	if err != nil {
		return []string{err.Error()}
	}
	restricted := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	for _, d := range m.deployments {
		pod := d.Spec.Template
		for _, r := range evaluator.EvaluatePod(restricted, &pod.ObjectMeta, &pod.Spec) {
			if !r.Allowed {
				problems = append(problems, fmt.Sprintf("pod security: %s: %s", r.ForbiddenReason, r.ForbiddenDetail))
			}
		}
		problems = append(problems, hardening(m, d)...)
		problems = append(problems, containerProblems(pod.Spec.Containers)...)
		problems = append(problems, volumeProblems(m, pod.Spec)...)
	}
	return problems
}

// hardening is what "restricted" leaves open.
func hardening(m *manifest, d *appsv1.Deployment) (problems []string) {
	pod := d.Spec.Template.Spec
	if is(pod.AutomountServiceAccountToken) || pod.AutomountServiceAccountToken == nil {
		problems = append(problems, "the pod gets a token")
	}
	if account := named(m.accounts, pod.ServiceAccountName); account == nil {
		problems = append(problems, "there is no ServiceAccount "+pod.ServiceAccountName)
	} else if account.AutomountServiceAccountToken == nil || *account.AutomountServiceAccountToken {
		problems = append(problems, "pods of the ServiceAccount get a token")
	}
	if id := pod.SecurityContext.RunAsUser; id != nil && *id != 65532 {
		problems = append(problems, "the user is not that of the image")
	}
	if d.Spec.Replicas == nil || *d.Spec.Replicas != 1 {
		problems = append(problems, "each replica reads all of GoldenGate")
	}
	if grace := pod.TerminationGracePeriodSeconds; grace == nil || *grace <= 5 {
		problems = append(problems, "the exporter needs up to 5 s to end")
	}
	return problems
}

func containerProblems(containers []corev1.Container) (problems []string) {
	for _, c := range containers {
		if !is(c.SecurityContext.ReadOnlyRootFilesystem) {
			problems = append(problems, "the root is not read-only")
		}
		if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
			problems = append(problems, "resources are missing")
		}
		for name, limit := range c.Resources.Limits {
			if request := c.Resources.Requests[name]; request.Cmp(limit) > 0 {
				problems = append(problems, string(name)+": more is requested than the limit")
			}
		}
		if !c.Resources.Limits.Cpu().IsZero() {
			problems = append(problems, "a limit of CPU time makes scrapes miss their deadlines")
		}
		if len(c.Ports) != 1 || c.Ports[0].ContainerPort != port {
			problems = append(problems, fmt.Sprintf("the container's port is not %d", port))
		}
		if tagged, _, _ := strings.Cut(c.Image, "@"); !strings.HasSuffix(tagged, "/ogg_exporter:"+version()) {
			problems = append(problems, fmt.Sprintf("the image %s does not have the tag %s of the file VERSION", c.Image, version()))
		}
		problems = append(problems, probeProblems(c, c.LivenessProbe, "/-/healthy")...)
		problems = append(problems, probeProblems(c, c.ReadinessProbe, "/-/ready")...)
	}
	return problems
}

func probeProblems(c corev1.Container, p *corev1.Probe, path string) []string {
	switch {
	case p != nil && p.TCPSocket != nil && slices.ContainsFunc(c.Ports, isPort(p.TCPSocket.Port)):
	case p != nil && p.HTTPGet != nil && p.HTTPGet.Path == path && slices.ContainsFunc(c.Ports, isPort(p.HTTPGet.Port)):
	default:
		return []string{"no probe of " + path}
	}
	return nil
}

// volumeProblems is about volumes, mounts, and the ConfigMaps and Secrets that they name.
func volumeProblems(m *manifest, pod corev1.PodSpec) (problems []string) {
	mounts := map[string]bool{}
	for _, c := range pod.Containers {
		for _, mount := range c.VolumeMounts {
			mounts[mount.Name] = true
			if !mount.ReadOnly || mount.SubPath != "" || !path.IsAbs(mount.MountPath) {
				problems = append(problems, "the mount "+mount.Name+" is not a read-only folder, which Kubernetes updates")
			}
		}
	}
	for _, v := range pod.Volumes {
		if !mounts[v.Name] {
			problems = append(problems, "nothing mounts the volume "+v.Name)
		}
		delete(mounts, v.Name)
		if v.Secret != nil && (v.Secret.DefaultMode == nil || *v.Secret.DefaultMode != 0o440) {
			problems = append(problems, "the Secret "+v.Secret.SecretName+" is not for the exporter alone")
		}
		if v.ConfigMap != nil && named(m.configs, v.ConfigMap.Name) == nil {
			problems = append(problems, "there is no ConfigMap "+v.ConfigMap.Name)
		}
	}
	for name := range mounts {
		problems = append(problems, "there is no volume "+name)
	}
	return problems
}

func is(b *bool) bool { return b != nil && *b }
