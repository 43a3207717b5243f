namespace Shop;

/// <summary>The scripted run: troubles at fixed shares of the time, then a verdict.</summary>
internal sealed class Demo(Scenario scenario, LoadGenerator load, Intruders intruders, Visits visits, Screen screen, HttpClient storefront)
{
    private const double MaxAmplification = 1.2;
    private const double MaxCanaryError = 0.03;

    public async Task<int> RunAsync(TimeSpan length, CancellationToken cancellationToken)
    {
        (double Share, Func<string> Action)[] script =
        [
            (0.10, scenario.KillOrRestart),
            (0.25, scenario.KillOrRestart),
            (0.32, scenario.ToggleSlow),
            (0.45, scenario.ToggleSlow),
            (0.47, scenario.ToggleFaults),
            (0.56, scenario.ToggleFaults),
            (0.57, scenario.ShiftCanary),
        ];
        await visits.MakeAsync(cancellationToken);
        var started = TimeProvider.System.GetTimestamp();
        var next = 0;
        (long Requests, long Canary)? measuredFrom = null;
        while (TimeProvider.System.GetElapsedTime(started) is var elapsed && elapsed < length)
        {
            while (next < script.Length && elapsed >= length * script[next].Share)
            {
                Screen.Say($"{elapsed.TotalSeconds,5:0.0} s  {script[next++].Action()}");
            }

            // A second for the reload to arrive, then the canary's share is counted.
            if (measuredFrom is null && elapsed >= (length * script[^1].Share) + TimeSpan.FromSeconds(1))
            {
                measuredFrom = (load.Succeeded, load.FromCanary);
            }

            await Task.Delay(TimeSpan.FromSeconds(1) < length / 20 ? TimeSpan.FromSeconds(1) : length / 20, cancellationToken);
            screen.WriteLine(await MeshView.ReadAsync(storefront, cancellationToken));
        }

        await load.StopAsync();
        await intruders.StopAsync();
        var from = measuredFrom ?? (load.Succeeded, load.FromCanary);
        var share = (double)(load.FromCanary - from.Canary) / Math.Max(1, load.Succeeded - from.Requests);
        return Judge(share, load.Succeeded - from.Requests, await MeshView.ReadAsync(storefront, cancellationToken));
    }

    private int Judge(double canary, long measured, MeshView? view)
    {
        Screen.Say("");
        var failed = 0;
        Check(load.Requests > 0 && load.Requests == load.Succeeded, $"{load.Succeeded} of {load.Requests} requests with a valid token succeeded, with a replica killed, one slow and one faulty");
        Check(intruders is { WithoutToken: > 0, WithBadToken: > 0, WithWrongIdentity: > 0, Surprises.Count: 0 }, $"{intruders.WithoutToken} requests without and {intruders.WithBadToken} with a bad token got 401; {intruders.WithWrongIdentity} calls with the wrong identity got 403");
        Check(view?.Amplification <= MaxAmplification, $"{view?.Amplification:0.000} attempts per call (at most {MaxAmplification})");
        Check(Math.Abs(canary - (Scenario.CanaryAfter / 100.0)) <= MaxCanaryError, $"the canary got {canary:P1} of {measured} calls after the reload (weight {Scenario.CanaryAfter} %)");
        Check(visits is { Made: > 0, Surprises.Count: 0 }, $"{visits.Made} visits to samples/Gateway went as they should: keys, a plan with a quota, the usage");
        foreach (var problem in load.Failures.Concat(intruders.Surprises).Concat(visits.Surprises).Take(10))
        {
            Screen.Say($"       {problem}");
        }

        Screen.Say(failed == 0 ? "The mesh held." : $"{failed} checks failed.");
        return failed == 0 ? 0 : 1;

        void Check(bool good, string text)
        {
            failed += good ? 0 : 1;
            Screen.Say($"{(good ? "  ok " : "FAIL ")} {text}");
        }
    }
}
