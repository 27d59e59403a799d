package oggtest

import (
	"cmp"
	"strings"
)

// Secret is a password in the simulation's parameters, reports and messages. No client
// may show, log or keep it.
const Secret = "Welcome_4711#"

// The read-only types of Extracts that do not follow from their mode (since 21c).
const (
	ExtractInitialLoad = "Initial Load"
	ExtractSource      = "Source Extract"
	ExtractPassive     = "Passive"
	ExtractAlias       = "Alias"
	ExtractRemoteTask  = "Remote Task"
)

// definition answers GET /services/v2/extracts/{extract} and …/replicats/{replicat}: what the
// process is, with status but without lag.
func (x *exchange) definition(t ProcessType) (object, *failure) {
	pr, now := x.named(t)
	if pr == nil {
		return nil, notFound
	}
	p := x.server.profile
	return join(
		object{
			{"$schema", "ogg:" + t.noun()},
			{"description", pr.spec.Description},
			{"status", pr.status(x.now)},
			{"intent", "Unidirectional"},
			{"begin", pr.begin(p)},
			{"credentials", object{{"domain", "OracleGoldenGate"}, {"alias", "ggadmin"}}},
			{"config", pr.config(x.dep, p)},
		},
		when(t == Extract, member{"source", pr.spec.source()}, member{"targets", list{
			append(pr.trail(x.dep, p, now), member{"sizeMB", number(pr.files().size / 1_000_000)}),
		}}),
		when(t == Replicat,
			member{"source", pr.trail(x.dep, p, now)[:2]},
			member{"checkpoint", object{{"table", "GGADMIN.CHECKPOINTS"}}},
			member{"mode", pr.spec.replicatMode()},
		),
		when(p.processCritical,
			member{"critical", pr.spec.Critical},
			member{"encryptionProfile", "LocalWallet"},
			member{"managedProcessSettings", pr.spec.managed()},
		),
		when(p.processType && t == Extract, member{"type", pr.spec.extractType()}),
	), nil
}

// begin returns where the process began: Replicats at a trail position since 23ai.
func (pr *process) begin(p *profile) any {
	if pr.spec.Type == Extract || !p.pathBegin {
		return "now"
	}
	return object{{"sequence", number(pr.spec.Sequence)}, {"offset", number(0)}}
}

// source returns what an Extract reads.
func (p Process) source() string {
	if p.ExtractType == ExtractInitialLoad {
		return "tables"
	}
	return "tranlogs"
}

// extractType returns the type of an Extract.
func (p Process) extractType() string {
	return cmp.Or(p.ExtractType, p.monitoredMode())
}

// replicatMode returns the mode in the configuration of a Replicat.
func (p Process) replicatMode() object {
	modes := map[Mode]string{Integrated: "integrated", ParallelIntegrated: "integrated", Coordinated: "coordinated"}
	return object{{"type", cmp.Or(modes[p.Mode], "nonintegrated")}, {"parallel", p.parallel()}}
}

// config returns the lines of the parameter file. If they are not given, one has a password.
func (pr *process) config(d *deployment, p *profile) list {
	lines := pr.spec.Parameters
	if lines == nil {
		lines = pr.parameters(pr.trailName(d, p))
	}
	all := make(list, len(lines))
	for i, line := range lines {
		all[i] = line
	}
	return all
}

func (pr *process) parameters(trail string) []string {
	first := strings.ToUpper(pr.spec.Type.noun()) + " " + pr.spec.Name
	login := "USERID c##ggadmin@//db.example:1521/PAY, PASSWORD " + Secret
	if pr.spec.Type == Replicat {
		return []string{first, login, "MAP SALES.*, TARGET SALES_COPY.*;"}
	}
	return []string{first, login, "EXTTRAIL " + trail, "TABLE SALES.*;"}
}

// SetParameters changes the lines of a process's parameter file. It panics if there is no such
// process.
func (s *Server) SetParameters(deployment, process string, lines ...string) {
	s.change(func() { s.mustProcess(deployment, process).spec.Parameters = lines })
}
