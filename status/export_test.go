package status

// Thresholds are those that are in the rules, too, by their records and severities.
var Thresholds = map[string]float64{
	"ogg:process_lag_seconds:threshold warning":      warningLag,
	"ogg:process_lag_seconds:threshold critical":     criticalLag,
	"ogg:process_lag_age_seconds:threshold warning":  warningLag,
	"ogg:process_lag_age_seconds:threshold critical": criticalLag,
	"ogg:path_lag_seconds:threshold warning":         warningLag,
	"ogg:path_lag_seconds:threshold critical":        criticalLag,
	"ogg:process_lag_age_seconds:normal ":            normalAge,
	"ogg:stopped_seconds:limit ":                     outOfService,
}
