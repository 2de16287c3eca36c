// Package keyringstore is an [sdk.Store] in the keyring of the platform: the
// Keychain of macOS, the Credential Manager of Windows, the Secret Service of
// Linux desktops.
//
//	store, err := keyringstore.New("my-program")
//	client, err := sdk.New(address, dialect, sdk.WithStore(store))
//
// Keyrings take short values only, so a record is kept in several entries. They
// have no locks and no compare-and-swap either; lock files make up for that, in
// the user's cache directory unless [WithLockDir] names another. Where there is
// no keyring, every operation fails; such machines are for filestore.
package keyringstore
