package main

import "context"

// measurement adds rows to the table.
type measurement struct {
	name string
	take func(context.Context, *bench) error
}

// measurements are all measurements, in the order of the table.
var measurements = []measurement{
	{"latency", measureLatency},
	{"concurrency", measureConcurrency},
	{"cpu", measureCPU},
	{"tls", measureTLS},
	{"digest", measureDigest},
	{"nginx", measureNGINX},
	{"share", measureShare},
	{"sequential", measureSequential},
	{"sample", measureSample},
	{"stages", measureStages},
	{"memory", measureMemory},
	{"growth", measureGrowth},
	{"scaleout", measureScaleOut},
	{"requests", measureRequests},
	{"inflight", measureInFlight},
	{"start", measureStart},
}
