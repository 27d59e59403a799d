package ocitest

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxSkew is how far a request's date may differ from the clock.
const maxSkew = 5 * time.Minute

// The headers that a signature must cover, always and also for a request with a body.
var (
	signedAlways   = []string{"(request-target)", "host"}
	signedWithBody = []string{"content-length", "content-type", "x-content-sha256"}
)

// parameter matches one parameter of the Authorization header.
var parameter = regexp.MustCompile(`^\s*([a-zA-Z]+)="([^"]*)"\s*$`)

// verify checks the signature of a request as OCI documents it: version 1 of the HTTP signatures
// draft, with RSA and SHA-256, over the required headers, at the right time.
func verify(r *http.Request, keys map[string]*rsa.PublicKey, now time.Time) error {
	p, err := parameters(r.Header.Get("Authorization"))
	if err != nil {
		return err
	}
	signed := strings.Fields(strings.ToLower(p["headers"]))
	if err := checkHeaders(r, signed); err != nil {
		return err
	}
	if err := checkDate(r, signed, now); err != nil {
		return err
	}
	key, known := keys[p["keyId"]]
	if !known {
		return errors.New("unknown key")
	}
	signature, err := base64.StdEncoding.DecodeString(p["signature"])
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(signingString(r, signed)))
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature)
}

// parameters parses the Authorization header.
func parameters(header string) (map[string]string, error) {
	rest, is := strings.CutPrefix(header, "Signature ")
	if !is {
		return nil, errors.New("no signature")
	}
	p := map[string]string{}
	for part := range strings.SplitSeq(rest, ",") {
		m := parameter.FindStringSubmatch(part)
		if m == nil {
			return nil, errors.New("malformed signature")
		}
		p[m[1]] = m[2]
	}
	if p["version"] != "1" || p["algorithm"] != "rsa-sha256" {
		return nil, errors.New("version or algorithm not supported")
	}
	return p, nil
}

// checkHeaders checks that all required headers are signed, and that a body matches its digest.
func checkHeaders(r *http.Request, signed []string) error {
	required := signedAlways
	withBody := slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, r.Method)
	if withBody {
		required = slices.Concat(signedAlways, signedWithBody)
	}
	for _, name := range required {
		if !slices.Contains(signed, name) {
			return fmt.Errorf("%s is not signed", name)
		}
	}
	if !withBody {
		return nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	sum := sha256.Sum256(body)
	if r.Header.Get("X-Content-Sha256") != base64.StdEncoding.EncodeToString(sum[:]) {
		return errors.New("body does not match its digest")
	}
	return nil
}

// checkDate checks that the date is signed, in x-date or date, and that it is current.
func checkDate(r *http.Request, signed []string, now time.Time) error {
	for _, name := range []string{"x-date", "date"} {
		if !slices.Contains(signed, name) {
			continue
		}
		date, err := http.ParseTime(r.Header.Get(name))
		if err != nil {
			return err
		}
		if now.Sub(date).Abs() > maxSkew {
			return errors.New("date exceeds the allowed clock skew")
		}
		return nil
	}
	return errors.New("date is not signed")
}

// signingString returns the string that was signed: a line for each header.
func signingString(r *http.Request, signed []string) string {
	lines := make([]string, len(signed))
	for i, name := range signed {
		value := r.Header.Get(name)
		switch name {
		case "(request-target)":
			value = strings.ToLower(r.Method) + " " + r.RequestURI
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		lines[i] = name + ": " + value
	}
	return strings.Join(lines, "\n")
}
