package oncall

import (
	"time"

	"github.com/ogg-exporter/ogg_exporter/config"
	"github.com/ogg-exporter/ogg_exporter/ogg/oggtest"
)

// scenarios are what an on-call engineer is woken by, and what not. To save time, some have two incidents that have
// nothing to do with each other.
var scenarios = []scenario{
	{
		name: "exporter is killed and comes back while a Replicat has abended and a deployment is down",
		steps: []step{
			{5, func(s *scene) {
				s.emea.SetProcessStatus("frankfurt", "REPORD", "abended")
				s.apac.SetDeploymentStatus("sydney", "stopped")
			}},
			{12, func(s *scene) { s.kill() }},
			{34, func(s *scene) { s.restart(s.T) }},
			{45, func(s *scene) {
				s.emea.RestartProcess("frankfurt", "REPORD")
				s.apac.SetDeploymentStatus("sydney", "running")
			}},
		},
		ends: 70,
		want: `
			7 firing pager OggPipelineDown{deployment="frankfurt",hop_state="abended",kind="replicat",microservice="adminsrvr",name="REPORD",process="REPORD",process_type="replicat",service_manager="emea",severity="critical"}
			9 firing pager OggDeploymentDown{deployment="sydney",service_manager="apac",severity="critical",status="stopped"}
			18 firing pager OggExporterDown{job="ogg",severity="critical"}
			38 resolved pager OggExporterDown{job="ogg",severity="critical"}
			53 resolved pager OggDeploymentDown{deployment="sydney",service_manager="apac",severity="critical",status="stopped"}
			66 resolved pager OggPipelineDown{deployment="frankfurt",hop_state="abended",kind="replicat",microservice="adminsrvr",name="REPORD",process="REPORD",process_type="replicat",service_manager="emea",severity="critical"}
		`,
		muted: `
			OggProcessAbended emea/frankfurt/REPORD
		`,
	},
	{
		name: "exporter restarts twice within an hour while an Extract is stopped by mistake",
		steps: []step{
			{3, func(s *scene) { s.emea.SetProcessStatus("london", "EXTAUD", "stopped") }},
			{11, func(s *scene) { s.kill() }},
			{13, func(s *scene) { s.restart(s.T) }},
			{24, func(s *scene) { s.kill() }},
			{26, func(s *scene) { s.restart(s.T) }},
			{38, func(s *scene) { s.emea.RestartProcess("london", "EXTAUD") }},
		},
		ends: 56,
		want: `
			34 firing tickets OggUnexpectedState{deployment="london",kind="process",microservice="adminsrvr",name="EXTAUD",process="EXTAUD",process_type="extract",service_manager="emea",severity="warning"}
			39 resolved tickets OggUnexpectedState{deployment="london",kind="process",microservice="adminsrvr",name="EXTAUD",process="EXTAUD",process_type="extract",service_manager="emea",severity="warning"}
		`,
	},
	{
		name: "Service Manager disappears with its host and comes back while a Replicat has abended",
		steps: []step{
			{5, func(s *scene) { s.emea.SetProcessStatus("frankfurt", "REPORD", "abended") }},
			{12, func(s *scene) { s.gone() }},
			{34, func(s *scene) { s.back() }},
			{45, func(s *scene) { s.emea.RestartProcess("frankfurt", "REPORD") }},
		},
		ends: 70,
		want: `
			7 firing pager OggPipelineDown{deployment="frankfurt",hop_state="abended",kind="replicat",microservice="adminsrvr",name="REPORD",process="REPORD",process_type="replicat",service_manager="emea",severity="critical"}
			16 firing pager OggServiceManagerUnreachable{service_manager="emea",severity="critical"}
			41 resolved pager OggServiceManagerUnreachable{service_manager="emea",severity="critical"}
			66 resolved pager OggPipelineDown{deployment="frankfurt",hop_state="abended",kind="replicat",microservice="adminsrvr",name="REPORD",process="REPORD",process_type="replicat",service_manager="emea",severity="critical"}
		`,
		muted: `
			OggProcessAbended emea/frankfurt/REPORD
		`,
	},
	{
		name: "GoldenGate restarts",
		steps: []step{
			{5, func(s *scene) { s.emea.SetDeploymentStatus("frankfurt", "stopped") }},
			{7, func(s *scene) { s.emea.SetDeploymentStatus("frankfurt", "running") }},
		},
		ends: 25,
	},
	{
		name: "an Extract stops on purpose, as expected, and a Replicat, silenced",
		steps: []step{
			{4, func(s *scene) {
				s.expect(s.T, stopped(s, "london", "EXTAUD"))
				s.am.silence(s, time.Hour, "service_manager", "emea", "deployment", "frankfurt", "process", "REPORD")
			}},
			{5, func(s *scene) {
				s.emea.SetProcessStatus("london", "EXTAUD", "stopped")
				s.emea.SetProcessStatus("frankfurt", "REPORD", "stopped")
			}},
			{38, func(s *scene) {
				s.emea.RestartProcess("london", "EXTAUD")
				s.emea.RestartProcess("frankfurt", "REPORD")
				s.expect(s.T)
			}},
		},
		ends: 58,
	},
	{
		name: "a deployment stops on purpose, as expected, and another one, silenced",
		steps: []step{
			{4, func(s *scene) {
				s.expect(s.T, stopped(s, "frankfurt", ""))
				s.am.silence(s, time.Hour, "service_manager", "apac", "deployment", "sydney")
			}},
			{5, func(s *scene) {
				s.emea.SetDeploymentStatus("frankfurt", "stopped")
				s.apac.SetDeploymentStatus("sydney", "stopped")
			}},
			{38, func(s *scene) {
				s.emea.SetDeploymentStatus("frankfurt", "running")
				s.apac.SetDeploymentStatus("sydney", "running")
				s.expect(s.T)
			}},
		},
		ends: 58,
	},
	{
		name: "a process that has abended is deleted, and one that is required",
		steps: []step{
			{3, func(s *scene) { s.expect(s.T, required(s, "london", "EXTBILL")) }},
			{5, func(s *scene) {
				s.emea.SetProcessStatus("london", "EXTAUD", "abended")
				s.emea.RemoveProcess("london", "EXTBILL")
			}},
			{18, func(s *scene) {
				s.emea.RemoveProcess("london", "EXTAUD")
				must(s, s.emea.AddProcess("london", oggtest.Process{Name: "EXTBILL", Trail: "eb"}))
			}},
		},
		ends: 40,
		want: `
			9 firing pager OggProcessAbended{deployment="london",microservice="adminsrvr",process="EXTAUD",process_type="extract",service_manager="emea",severity="critical"}
			14 firing pager OggExpectedMissing{deployment="london",kind="process",name="EXTBILL",service_manager="emea",severity="critical"}
			29 resolved pager OggExpectedMissing{deployment="london",kind="process",name="EXTBILL",service_manager="emea",severity="critical"}
			34 resolved pager OggProcessAbended{deployment="london",microservice="adminsrvr",process="EXTAUD",process_type="extract",service_manager="emea",severity="critical"}
		`,
	},
	{
		name: "one scrape in ten is lost while a Replicat has abended and an Extract is stopped by mistake",
		lost: func(_ *scene, n int) bool { return n%10 == 0 },
		steps: []step{
			{5, abendAndStop},
			{38, startBoth},
		},
		ends: 62,
		want: `
			7 firing pager OggPipelineDown{deployment="frankfurt",hop_state="abended",kind="replicat",microservice="adminsrvr",name="REPORD",process="REPORD",process_type="replicat",service_manager="emea",severity="critical"}
			36 firing tickets OggUnexpectedState{deployment="london",kind="process",microservice="adminsrvr",name="EXTAUD",process="EXTAUD",process_type="extract",service_manager="emea",severity="warning"}
			41 resolved tickets OggUnexpectedState{deployment="london",kind="process",microservice="adminsrvr",name="EXTAUD",process="EXTAUD",process_type="extract",service_manager="emea",severity="warning"}
			57 resolved pager OggPipelineDown{deployment="frankfurt",hop_state="abended",kind="replicat",microservice="adminsrvr",name="REPORD",process="REPORD",process_type="replicat",service_manager="emea",severity="critical"}
		`,
		muted: `
			OggProcessAbended emea/frankfurt/REPORD
		`,
	},
	{
		name: "one scrape in ten finds no Service Manager while a Replicat has abended and an Extract is stopped by mistake",
		lost: func(s *scene, n int) bool {
			s.back()
			if n%10 == 0 {
				s.gone()
			}
			return false
		},
		steps: []step{
			{5, abendAndStop},
			{38, startBoth},
		},
		ends: 62,
		want: `
			7 firing pager OggPipelineDown{deployment="frankfurt",hop_state="abended",kind="replicat",microservice="adminsrvr",name="REPORD",process="REPORD",process_type="replicat",service_manager="emea",severity="critical"}
			36 firing tickets OggUnexpectedState{deployment="london",kind="process",microservice="adminsrvr",name="EXTAUD",process="EXTAUD",process_type="extract",service_manager="emea",severity="warning"}
			41 resolved tickets OggUnexpectedState{deployment="london",kind="process",microservice="adminsrvr",name="EXTAUD",process="EXTAUD",process_type="extract",service_manager="emea",severity="warning"}
			57 resolved pager OggPipelineDown{deployment="frankfurt",hop_state="abended",kind="replicat",microservice="adminsrvr",name="REPORD",process="REPORD",process_type="replicat",service_manager="emea",severity="critical"}
		`,
		muted: `
			OggProcessAbended emea/frankfurt/REPORD
		`,
	},
	{
		name:  "a Replicat is stuck, and a receiver path stops",
		alone: true,
		steps: []step{
			{5, func(s *scene) {
				s.emea.StickProcess("frankfurt", "REPORD")
				s.apac.SetPathStatus("sydney", "billing", "stopped")
			}},
			{45, func(s *scene) {
				s.emea.RestartProcess("frankfurt", "REPORD")
				s.apac.RestartPath("sydney", "billing")
			}},
		},
		ends: 70,
		want: `
			15 firing tickets OggPipelineLag{deployment="frankfurt",kind="replicat",microservice="adminsrvr",name="REPORD",process="REPORD",process_type="replicat",service_manager="emea",severity="warning"}
			15 firing tickets OggPipelineDown{deployment="sydney",hop_state="unexpected",kind="receiver_path",microservice="recvsrvr",name="billing",path="billing",service_manager="apac",severity="warning"}
			40 firing pager OggPipelineLag{deployment="frankfurt",kind="replicat",microservice="adminsrvr",name="REPORD",process="REPORD",process_type="replicat",service_manager="emea",severity="critical"}
			60 resolved tickets OggPipelineLag{deployment="frankfurt",kind="replicat",microservice="adminsrvr",name="REPORD",process="REPORD",process_type="replicat",service_manager="emea",severity="warning"}
			60 resolved pager OggPipelineLag{deployment="frankfurt",kind="replicat",microservice="adminsrvr",name="REPORD",process="REPORD",process_type="replicat",service_manager="emea",severity="critical"}
			65 resolved tickets OggPipelineDown{deployment="sydney",hop_state="unexpected",kind="receiver_path",microservice="recvsrvr",name="billing",path="billing",service_manager="apac",severity="warning"}
		`,
		muted: `
			OggReceiverPathDown apac/sydney/billing
		`,
	},
	{
		name:  "a password changes, and a Performance Metrics Service stops",
		alone: true,
		steps: []step{
			{5, func(s *scene) {
				s.emea.SetCredentials("frankfurt", oggtest.DefaultUser, "another")
				s.apac.SetServiceStatus("sydney", "pmsrvr", "stopped")
			}},
			{20, func(s *scene) {
				s.emea.SetCredentials("frankfurt", oggtest.DefaultUser, oggtest.DefaultPassword)
				s.apac.SetServiceStatus("sydney", "pmsrvr", "running")
				s.restart(s.T) // forgets that it was rejected
			}},
		},
		ends: 42,
		want: `
			9 firing pager OggServiceDown{deployment="sydney",microservice="pmsrvr",service_manager="apac",severity="critical",status="stopped"}
			11 firing tickets OggLoginBlocked{deployment="frankfurt",service_manager="emea",severity="warning"}
			29 resolved pager OggServiceDown{deployment="sydney",microservice="pmsrvr",service_manager="apac",severity="critical",status="stopped"}
			31 resolved tickets OggLoginBlocked{deployment="frankfurt",service_manager="emea",severity="warning"}
		`,
	},
	{
		name:  "a database stops, and everything that reads it abends",
		alone: true,
		steps: []step{
			{5, func(s *scene) {
				for _, extract := range []string{"EXTORD", "EXTBILL", "EXTAUD"} {
					s.emea.SetProcessStatus("london", extract, "abended")
				}
			}},
			{20, func(s *scene) {
				for _, extract := range []string{"EXTORD", "EXTBILL", "EXTAUD"} {
					s.emea.RestartProcess("london", extract)
				}
			}},
		},
		ends: 42,
		want: `
			7 firing pager OggPipelineDown{deployment="london",hop_state="abended",kind="extract",microservice="adminsrvr",name="EXTBILL",process="EXTBILL",process_type="extract",service_manager="emea",severity="critical"}
			7 firing pager OggPipelineDown{deployment="london",hop_state="abended",kind="extract",microservice="adminsrvr",name="EXTORD",process="EXTORD",process_type="extract",service_manager="emea",severity="critical"}
			12 firing pager OggProcessAbended{deployment="london",microservice="adminsrvr",process="EXTAUD",process_type="extract",service_manager="emea",severity="critical"}
			37 resolved pager OggPipelineDown{deployment="london",hop_state="abended",kind="extract",microservice="adminsrvr",name="EXTBILL",process="EXTBILL",process_type="extract",service_manager="emea",severity="critical"}
			37 resolved pager OggPipelineDown{deployment="london",hop_state="abended",kind="extract",microservice="adminsrvr",name="EXTORD",process="EXTORD",process_type="extract",service_manager="emea",severity="critical"}
			37 resolved pager OggProcessAbended{deployment="london",microservice="adminsrvr",process="EXTAUD",process_type="extract",service_manager="emea",severity="critical"}
		`,
		muted: `
			OggProcessAbended emea/london/EXTBILL
			OggProcessAbended emea/london/EXTORD
		`,
	},
	{
		name:  "a distribution path stops, and a Replicat lags",
		alone: true,
		steps: []step{
			{5, func(s *scene) {
				s.emea.SetPathStatus("london", "billing", "stopped")
				s.emea.SetProcessLag("frankfurt", "REPORD", time.Hour)
			}},
			{25, func(s *scene) {
				s.emea.RestartPath("london", "billing")
				s.emea.SetProcessLag("frankfurt", "REPORD", 0)
			}},
		},
		ends: 50,
		want: `
			10 firing pager OggPipelineLag{deployment="frankfurt",kind="replicat",microservice="adminsrvr",name="REPORD",process="REPORD",process_type="replicat",service_manager="emea",severity="critical"}
			15 firing tickets OggPipelineDown{deployment="london",hop_state="unexpected",kind="distribution_path",microservice="distsrvr",name="billing",path="billing",service_manager="emea",severity="warning"}
			40 resolved pager OggPipelineLag{deployment="frankfurt",kind="replicat",microservice="adminsrvr",name="REPORD",process="REPORD",process_type="replicat",service_manager="emea",severity="critical"}
			45 resolved tickets OggPipelineDown{deployment="london",hop_state="unexpected",kind="distribution_path",microservice="distsrvr",name="billing",path="billing",service_manager="emea",severity="warning"}
		`,
		muted: `
			OggDistributionPathDown emea/london/billing
			OggProcessLag emea/frankfurt/REPORD
		`,
	},
	{
		name:  "a deployment stops",
		alone: true,
		steps: []step{
			{5, func(s *scene) { s.emea.SetDeploymentStatus("frankfurt", "stopped") }},
			{38, func(s *scene) { s.emea.SetDeploymentStatus("frankfurt", "running") }},
		},
		ends: 60,
		want: `
			9 firing pager OggDeploymentDown{deployment="frankfurt",service_manager="emea",severity="critical",status="stopped"}
			44 resolved pager OggDeploymentDown{deployment="frankfurt",service_manager="emea",severity="critical",status="stopped"}
		`,
		muted: `
			OggUnexpectedState emea/frankfurt/frankfurt
		`,
	},
}

func abendAndStop(s *scene) {
	s.emea.SetProcessStatus("frankfurt", "REPORD", "abended")
	s.emea.SetProcessStatus("london", "EXTAUD", "stopped")
}

func startBoth(s *scene) {
	s.emea.RestartProcess("frankfurt", "REPORD")
	s.emea.RestartProcess("london", "EXTAUD")
}

// stopped is the rule that a process, or a deployment, is expected to be stopped.
func stopped(s *scene, deployment, process string) config.Expectation {
	s.Helper()
	e := config.Expectation{State: config.ExpectStopped, Deployment: pattern(s, deployment)}
	if process != "" {
		e.Process = pattern(s, process)
	}
	return e
}

// required is the rule that there has to be a process.
func required(s *scene, deployment, process string) config.Expectation {
	s.Helper()
	return config.Expectation{State: config.ExpectRunning, Required: true, Deployment: pattern(s, deployment), Process: pattern(s, process)}
}

func pattern(s *scene, text string) config.Pattern {
	s.Helper()
	p, err := config.NewPattern(text)
	must(s, err)
	return p
}
