package oggtest

import (
	"cmp"
	"slices"
	"time"
)

// Release is a GoldenGate release whose REST API is simulated. All releases have API version v2;
// their profiles contain the differences.
type Release string

// The releases that can be simulated.
const (
	Release12c  Release = "12.3" // no installation/*, no config/health/check, no ids
	Release19c  Release = "19c"  // lists without status, integer listening ports
	Release21c  Release = "21c"  // 21.3: ids, locked, ?threads=none, status in the lists of processes
	Release23ai Release = "23ai" // 23.8: quoted numbers, long trail names, pluginsrvr
	Release26ai Release = "26ai" // installation/configuration, bare errors typed by RFC 9110
)

// Releases lists all simulated releases, oldest first.
var Releases = []Release{Release12c, Release19c, Release21c, Release23ai, Release26ai}

// APIVersion is a version of the REST API. Lifecycle is active or deprecated; empty is not
// reported.
type APIVersion struct{ Version, Lifecycle string }

// PortShape is the format of a service's config.network.serviceListeningPort (GET
// /services/v2/deployments/{deployment}/services/{service}).
type PortShape string

// The shapes of a listening port. With PortByRelease, it depends on the release.
const (
	PortByRelease    PortShape = ""
	PortInteger      PortShape = "integer"       // 9012
	PortString       PortShape = "string"        // "9012"
	PortObject       PortShape = "object"        // {"address": "127.0.0.1", "port": 9012}
	PortObjectString PortShape = "object-string" // {"address": "127.0.0.1", "port": "9012"}
	PortArray        PortShape = "array"         // [{"address": "127.0.0.1", "port": 9012}]
)

// NumberStyle is the format of integers.
type NumberStyle string

// The styles of numbers. With NumbersByRelease, it depends on the release.
const (
	NumbersByRelease NumberStyle = ""
	NumbersPlain     NumberStyle = "plain"    // 42
	NumbersQuoted    NumberStyle = "quoted"   // "42", and 1.40292288149248E14 past 32 bits
	NumbersExponent  NumberStyle = "exponent" // 4.2E1
)

// TimestampStyle is the format of times. All are documented.
type TimestampStyle string

// The styles of timestamps.
const (
	TimestampsPlain     TimestampStyle = ""           // 2026-01-15T09:27:00.000Z
	TimestampsLowerCase TimestampStyle = "lower-case" // 2026-01-15t09:27:00.000000Z
	TimestampsBlank     TimestampStyle = "blank"      // 2026-01-15 10:27:00+01:00
)

// format formats a time in the style.
func (s TimestampStyle) format(t time.Time) string {
	switch s {
	case TimestampsLowerCase:
		return t.UTC().Format("2006-01-02t15:04:05.000000Z")
	case TimestampsBlank:
		return t.In(time.FixedZone("", 3600)).Format("2006-01-02 15:04:05-07:00")
	case TimestampsPlain:
	}
	return timestamp(t)
}

// profile is what a release does differently from others.
type profile struct {
	release Release

	version, label, built string // config/summary build.*
	dbms                  string
	compatibility         string // spelling of the member
	compatibilityLevel    number

	messageType string // what precedes #OGG-nnnnn, or the whole type if there is no fragment
	errorType   string // type of HTTP errors, if different
	bareErrors  bool   // error bodies have neither $schema nor response
	sorted      bool   // members are in alphabetical order

	installation          bool     // installation/services and installation/deployments
	configuration         bool     // installation/configuration
	healthCheck           bool     // config/health/check
	ids                   bool     // deploymentId, serviceId, serviceManagerId
	locked                bool     // services have a locked member
	serviceLinks          bool     // installation/services entries have links
	processItemState      bool     // items of /extracts and /replicats have a status
	serviceItemState      bool     // items of /deployments/{d}/services have a status
	threadsParameter      bool     // ?threads=none hides the threads of coordinated Replicats
	processCritical       bool     // processes have critical, encryptionProfile, managedProcessSettings
	processType           bool     // Extracts have a read-only type
	textSentinel          bool     // checkpoints have the offset "-2" instead of -2
	synchronized          bool     // Replicat status has synchronized
	longTrails            bool     // trail names carry a path
	trailSlash            bool     // trail paths end in a slash
	plugin                bool     // the Service Manager runs pluginsrvr
	pathItemState         bool     // items of /sources and /targets have a status
	pathInitiator         bool     // paths have targetInitiated
	pathEncryption        bool     // paths have an encryptionProfile
	pathBegin             bool     // paths begin at a trail position rather than "now"
	receiverInfo          bool     // /targets/{path}/info and /checkpoints
	trails                bool     // /trails
	trailNames            bool     // trails have a trailName and sequenceLastArchived
	certificates          bool     // /deployments/{d}/certificates
	heartbeatTables       bool     // /connections/{c}/tables/heartbeat
	dataStreams           bool     // /stream
	heartbeatData         bool     // /connections/{c}/tables/heartbeatData
	heartbeatUpgrades     bool     // heartbeat tables have dbUniqueName, trackingExtractRestart, upgrade
	lacksDeploymentStates []string // states that the release lacks
	lacksServiceStates    []string
	lacksPathStates       []string
	numbers               NumberStyle
	port, portTLS         PortShape
	extractPosition       PositionShape
	points                points
}

var (
	noDeathStates = []string{"killed", "abended"} // deployments lack them in 12.3
	noStarting    = []string{"starting"}          // services lack it before 21c
	noPause       = []string{"paused"}            // paths lack it in 26ai
)

// profiles lists the differences between releases.
var profiles = []profile{
	{
		release: Release12c,
		version: "12.3.0.1.4", label: "OGGCORE_12.3.0.1.0_PLATFORMS_180415.0359", built: "2018-04-15T11:18:32.000Z",
		dbms: "Oracle 12c", compatibility: "compatabilityLevel", compatibilityLevel: 6,
		messageType: "http://docs.oracle.com/goldengate/c1230/gg-winux/GMESG/oggus.htm#",
		sorted:      true, lacksDeploymentStates: noDeathStates, lacksServiceStates: noStarting,
		port: PortInteger, portTLS: PortInteger, extractPosition: PositionClassicLog,
		points: points{dataStore: "BDB", buffer: "udpBufferSize"},
	},
	{
		release: Release19c,
		version: "19.1.0.0.4", label: "OGGCORE_19.1.0.0.0_PLATFORMS_191017.1054", built: "2019-10-17T18:14:05.000Z",
		dbms: "Oracle", compatibility: "compatibilityLevel", compatibilityLevel: 6,
		messageType: "http://docs.oracle.com/goldengate/c1910/gg-winux/GMESG/oggus.htm#",
		sorted:      true, installation: true, healthCheck: true, processCritical: true,
		trailSlash: true, lacksServiceStates: noStarting,
		pathEncryption: true, receiverInfo: true, heartbeatTables: true,
		port: PortInteger, portTLS: PortInteger, extractPosition: PositionSCN,
		points: points{dataStore: "BDB", buffer: "udpBufferSize", upserts: true, notApplicable: true, logStream: true, appliers: true},
	},
	{
		release: Release21c,
		version: "21.3.0.0.0", label: "OGGCORE_21.3.0.0.0_PLATFORMS_210728.1047", built: "2021-07-28T19:05:41.000Z",
		dbms: "Oracle", compatibility: "compatibilityLevel", compatibilityLevel: 7,
		messageType:  "https://docs.oracle.com/en/middleware/goldengate/core/21.3/error-messages/",
		installation: true, healthCheck: true, ids: true, locked: true, serviceLinks: true,
		processItemState: true, threadsParameter: true, processCritical: true, processType: true, textSentinel: true, synchronized: true,
		pathItemState: true, pathEncryption: true, receiverInfo: true, trails: true, certificates: true,
		heartbeatTables: true, heartbeatData: true, heartbeatUpgrades: true,
		port: PortObject, portTLS: PortObject, extractPosition: PositionSCNString,
		points: points{
			dataStore: "LMDB", buffer: "recvBufferSize", upserts: true, notApplicable: true, logStream: true, appliers: true,
			commitSCN: true, targetTables: true, heartbeat: true, pathStatus: true,
		},
	},
	{
		release: Release23ai,
		version: "23.8.0.25.04", label: "OGGCORE_23.8.0.0.0OGGRU_LINUX.X64_250412.2241", built: "2025-04-12T22:41:00.000Z",
		dbms: "Oracle", compatibility: "compatibilityLevel", compatibilityLevel: 7,
		messageType:  "https://docs.oracle.com/en/middleware/goldengate/core/23.8/error-messages/",
		installation: true, healthCheck: true, ids: true, locked: true, serviceLinks: true,
		processItemState: true, serviceItemState: true, threadsParameter: true, processCritical: true,
		processType: true, synchronized: true, longTrails: true, trailSlash: true, plugin: true,
		pathItemState: true, pathInitiator: true, pathEncryption: true, pathBegin: true, receiverInfo: true,
		trails: true, trailNames: true, certificates: true, heartbeatTables: true, heartbeatData: true, heartbeatUpgrades: true, dataStreams: true,
		numbers: NumbersQuoted, port: PortArray, portTLS: PortObject, extractPosition: PositionSCN,
		points: points{
			dataStore: "LMDB", buffer: "recvBufferSize", upserts: true, notApplicable: true, logStream: true, appliers: true,
			commitSCN: true, targetTables: true, heartbeat: true, pathStatus: true, processHeartbeat: true, parents: true,
			watermarks: true, metadataRecords: true, numericSCN: true, trailArrays: true, serviceHealth: true,
		},
	},
	{
		release: Release26ai,
		version: "23.26.0.0.0", label: "OGGCORE_23.26.0.0.0OGGRU_LINUX.X64_260115.0927", built: "2026-01-15T09:27:00.000Z",
		dbms: "Oracle", compatibility: "compatibilityLevel", compatibilityLevel: 7,
		messageType:  "https://docs.oracle.com/en/database/goldengate/core/26/error-messages/",
		errorType:    "https://www.rfc-editor.org/rfc/rfc9110.html#name-status-codes",
		bareErrors:   true,
		installation: true, configuration: true, healthCheck: true, ids: true, locked: true, serviceLinks: true,
		processItemState: true, serviceItemState: true, threadsParameter: true, processCritical: true,
		processType: true, synchronized: true, longTrails: true, plugin: true,
		pathItemState: true, pathInitiator: true, pathEncryption: true, pathBegin: true, receiverInfo: true,
		trails: true, trailNames: true, certificates: true, heartbeatTables: true, heartbeatData: true, heartbeatUpgrades: true, dataStreams: true,
		lacksPathStates: noPause,
		port:            PortArray, portTLS: PortObject, extractPosition: PositionObject,
		points: points{
			dataStore: "LMDB", buffer: "recvBufferSize", upserts: true, notApplicable: true, logStream: true, appliers: true,
			commitSCN: true, targetTables: true, heartbeat: true, pathStatus: true, processHeartbeat: true, parents: true,
			watermarks: true, metadataRecords: true, numericSCN: true, trailArrays: true, serviceHealth: true, pathStreaming: true,
		},
	},
}

// profileOf returns the profile of a release; nil if it is unknown.
func profileOf(r Release) *profile {
	i := slices.IndexFunc(profiles, func(p profile) bool { return p.release == r })
	if i < 0 {
		return nil
	}
	p := profiles[i]
	p.numbers = cmp.Or(p.numbers, NumbersPlain)
	return &p
}

// known returns the status as the release reports it: a state that it lacks becomes stopped, the
// documented default.
func known(status string, lacking []string) string {
	if slices.Contains(lacking, status) {
		return "stopped"
	}
	return status
}
