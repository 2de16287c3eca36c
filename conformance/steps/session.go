package steps

import "github.com/cucumber/godog"

func registerSession(w *World, sc *godog.ScenarioContext) speaker { return nil }
