// Package core is the domain of Zhanggui: payments, refunds, tenants, money, the
// states they move through, and the interfaces between the rooms of the house.
//
// It imports the standard library only, knows no provider by name, no SQL and no HTTP.
package core
