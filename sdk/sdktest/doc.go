// Package sdktest tests a [sdk.Dialect] or a [sdk.Store] of your own against
// what package sdk expects of one. The four dialects and the stores of this
// module pass the same tests.
//
//	func TestContract(t *testing.T) {
//		sdktest.RunStore(t, func(t *testing.T) func() sdk.Store { ... })
//	}
package sdktest
