package rest

import "context"

// pass is the permission to send one request.
type pass struct {
	route   string
	sent    int       // version of the secrets when it was sent
	attempt *scout    // set if the request tries a dead service
	scouts  [3]*scout // of login.accounts; nil where the request is none
	turn    turn      // held while the request is in flight
}

// isHasty reports whether the request tries a dead service: it gets little time and no retries.
func (p *pass) isHasty() bool { return p.attempt != nil }

// begin waits for the request's turn to be sent, also when it is sent again.
func (p *pass) begin(ctx context.Context) error {
	for _, s := range p.scouts {
		if s != nil {
			defer s.queue()()
		}
	}
	return p.turn.take(ctx)
}

// hastyShare is the part of a poll's remaining time that a dead service gets.
const hastyShare = 4

// hasten returns the context for a request with the pass.
func (p *pass) hasten(ctx context.Context) (context.Context, context.CancelFunc) {
	if !p.isHasty() {
		return ctx, func() {}
	}
	return ShareOf(ctx, hastyShare)
}
