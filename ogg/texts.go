package ogg

import "github.com/go-json-experiment/json/jsontext"

// readTexts passes each string of a list to use, which must not keep it, and reports whether there is
// something else than texts, which is left out. Its error never shows what there is in their place,
// because the texts may have secrets in them.
func readTexts(in *jsontext.Decoder, use func(text string)) (isOdd bool, err error) {
	if kind := in.PeekKind(); kind != jsontext.KindBeginArray {
		return kind != jsontext.KindNull, in.SkipValue()
	}
	if _, err := in.ReadToken(); err != nil {
		return false, err
	}
	for in.PeekKind() != jsontext.KindEndArray {
		if in.PeekKind() != jsontext.KindString {
			isOdd = true
			if err := in.SkipValue(); err != nil {
				return isOdd, err
			}
			continue
		}
		token, err := in.ReadToken()
		if err != nil {
			return isOdd, err
		}
		use(token.String())
	}
	_, err = in.ReadToken()
	return isOdd, err
}
