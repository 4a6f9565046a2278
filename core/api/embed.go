// Package api is the contract: openapi.yaml, written first, and what is generated from it.
package api

import _ "embed"

//go:generate go tool -modfile=../../tools/oapi/go.mod oapi-codegen -config oapi-codegen.yaml openapi.yaml

// Document is openapi.yaml as it was written.
//
//go:embed openapi.yaml
var Document []byte
