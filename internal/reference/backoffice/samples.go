package backoffice

// Item is one entry of the form dialect's catalogue.
type Item struct {
	ID    int     `json:"id"`
	Name  string  `json:"name"`
	Price string  `json:"price"`
	EAN   *string `json:"ean"` // absent values are null in this dialect
}

// Items returns the catalogue.
func Items() []Item {
	ean := "5901234123457"
	return []Item{
		{ID: 1, Name: "Desk lamp", Price: "129.00", EAN: &ean},
		{ID: 2, Name: "Office chair", Price: "749.50", EAN: nil},
		{ID: 3, Name: "Paper, A4, 500 sheets", Price: "24.99", EAN: nil},
	}
}

// Version is what the rpc dialect's GetVersion answers.
const Version = "dragoman reference 1"

// Camera is one device of the rpc dialect's domain.
type Camera struct {
	AccessPoint, DisplayName string
	Activated                bool
}

// Cameras returns the domain's devices.
func Cameras() []Camera {
	return []Camera{
		{"hosts/DEMO/DeviceIpint.1/SourceEndpoint.video:0:0", "Main entrance", true},
		{"hosts/DEMO/DeviceIpint.2/SourceEndpoint.video:0:0", "Loading bay", true},
		{"hosts/DEMO/DeviceIpint.3/SourceEndpoint.video:0:0", "Archive", false},
	}
}
