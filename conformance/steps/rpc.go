package steps

import "github.com/cucumber/godog"

func registerRPC(w *World, sc *godog.ScenarioContext) speaker { return nil }
