using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Shop;

/// <summary>The shop's customers: each has a token and asks for a page ten times a second.</summary>
internal sealed class LoadGenerator(HttpClient edge) : IDisposable
{
    private const int Customers = 30;
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentQueue<string> _failures = new();
    private readonly ConcurrentQueue<(long At, double Milliseconds)> _latencies = new();
    private readonly CancellationTokenSource _stop = new();
    private long _requests;
    private long _succeeded;
    private long _failed;
    private long _canary;
    private Task[] _workers = [];

    public long Requests => Interlocked.Read(ref _requests);

    public long Succeeded => Interlocked.Read(ref _succeeded);

    public long Failed => Interlocked.Read(ref _failed);

    /// <summary>How many pages came from version 2 of orders.</summary>
    public long FromCanary => Interlocked.Read(ref _canary);

    /// <summary>What went wrong, one line each; the first few.</summary>
    public IEnumerable<string> Failures => _failures;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var tokens = new List<string>();
        for (var customer = 1; customer <= Customers; customer++)
        {
            using var answer = await edge.PostAsync(new Uri($"token?user=customer-{customer}", UriKind.Relative), null, cancellationToken);
            var body = await answer.Content.ReadAsStringAsync(cancellationToken);
            tokens.Add(answer.IsSuccessStatusCode ? body : throw new InvalidOperationException($"No token for customer {customer}: {(int)answer.StatusCode} {body}"));
        }

        // One after the other: nine processes have just started, and the first requests compile their code.
        _workers = [.. tokens.Select((token, customer) => Task.Run(() => BuyAsync(token, customer * Pace / 2), CancellationToken.None))];
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_workers);
    }

    /// <summary>Median and 99th percentile of the last two seconds, in milliseconds.</summary>
    public (double P50, double P99) Latency()
    {
        var oldest = Stopwatch.GetTimestamp() - (2 * Stopwatch.Frequency);
        while (_latencies.TryPeek(out var first) && first.At < oldest)
        {
            _latencies.TryDequeue(out _);
        }

        var sorted = _latencies.Select(static sample => sample.Milliseconds).Order().ToArray();
        return sorted.Length == 0 ? (0, 0) : (sorted[sorted.Length / 2], sorted[(int)(sorted.Length * 0.99)]);
    }

    public void Dispose() => _stop.Dispose();

    private async Task BuyAsync(string token, TimeSpan start)
    {
        await Task.Delay(start);
        using var timer = new PeriodicTimer(Pace);
        for (var id = Random.Shared.Next(1000); !_stop.IsCancellationRequested; id++)
        {
            await AskAsync(id, token);
            await timer.WaitForNextTickAsync();
        }
    }

    private async Task AskAsync(int id, string token)
    {
        var started = Stopwatch.GetTimestamp();
        Interlocked.Increment(ref _requests);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"api/storefront/{id}");
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var answer = await edge.SendAsync(request);
            var body = await answer.Content.ReadAsStringAsync();
            if (answer.StatusCode != HttpStatusCode.OK)
            {
                Fail($"{(int)answer.StatusCode} {body}");
                return;
            }

            using var page = JsonDocument.Parse(body);
            if (page.RootElement.GetProperty("order").GetProperty("version").GetString() == "v2")
            {
                Interlocked.Increment(ref _canary);
            }

            Interlocked.Increment(ref _succeeded);
            _latencies.Enqueue((Stopwatch.GetTimestamp(), Stopwatch.GetElapsedTime(started).TotalMilliseconds));
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException or JsonException)
        {
            Fail(exception.Message);
        }
    }

    private void Fail(string reason)
    {
        Interlocked.Increment(ref _failed);
        if (_failures.Count < 10)
        {
            _failures.Enqueue(reason);
        }
    }
}
