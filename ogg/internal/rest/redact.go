package rest

// Redact returns a text that the service sent without the secrets of the login.
func (e *Endpoint) Redact(text string) string {
	secrets := &e.settings.Pool.secrets
	if secrets.HasShort(text) {
		return withheld
	}
	return secrets.Redact(text)
}
