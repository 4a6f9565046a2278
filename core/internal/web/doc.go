// Package web serves the use cases over HTTP: decode, call, encode.
//
// The contract is core/api/openapi.yaml. Requests are held against it before they are
// decoded; an expected failure becomes application/problem+json by one table of codes;
// anything else is logged once under its request id and never shown.
package web
