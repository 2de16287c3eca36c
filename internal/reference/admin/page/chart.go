package page

import (
	"fmt"
	"slices"
	"time"

	"github.com/dragoman-auth/dragoman/internal/reference/metrics"
)

// The size of a chart: a bar for each minute.
const (
	barStep     = 4
	barWidth    = 3
	chartHeight = 48
)

// chart is one rate of the last hour, as bars.
type chart struct {
	Name string
	// Says is the chart in words.
	Says                    string
	Width, Height, BarWidth int
	Bars                    []bar // none for minutes without anything
}

type bar struct {
	X, Y, Height int
	// Says is the bar in words.
	Says string
}

// chartNames are the names of the charts, in their order.
var chartNames = map[metrics.Rate]string{
	metrics.LoginsSucceeded: "Logins that succeeded", metrics.LoginsFailed: "Logins that failed", metrics.LoginsThrottled: "Logins that were throttled",
	metrics.Renewals: "Refreshes and renewals", metrics.Errors: "Errors of the server",
}

func (p *page) charts(now time.Time) []chart {
	var charts []chart
	for _, rate := range metrics.Rates() {
		charts = append(charts, newChart(chartNames[rate], p.metrics.LastHour(rate), now))
	}
	return charts
}

// newChart draws the counts; the last of them is that of the minute of now.
func newChart(name string, counts [metrics.Hour]int, now time.Time) chart {
	peak, total := slices.Max(counts[:]), 0
	c := chart{Name: name, Width: barStep * len(counts), Height: chartHeight, BarWidth: barWidth}
	for i, n := range counts {
		total += n
		if n == 0 {
			continue
		}
		height := max(1, n*chartHeight/peak)
		at := now.UTC().Add(time.Duration(i-len(counts)+1) * time.Minute)
		c.Bars = append(c.Bars, bar{X: i * barStep, Y: chartHeight - height, Height: height, Says: fmt.Sprintf("%s: %d", at.Format("15:04Z"), n)})
	}
	c.Says = fmt.Sprintf("%d in the last hour, at most %d in a minute, %d in this one", total, peak, counts[len(counts)-1])
	return c
}
