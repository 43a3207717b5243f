using System.Net;
using System.Net.Http.Headers;

namespace Shop;

/// <summary>Those who must stay out: customers without a good token, and a service without the right identity.</summary>
internal sealed class Intruders(HttpClient edge, HttpClient orders) : IDisposable
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private Task _worker = Task.CompletedTask;

    public int WithoutToken { get; private set; }

    public int WithBadToken { get; private set; }

    public int WithWrongIdentity { get; private set; }

    /// <summary>What should have been refused and was not, or was refused in another way.</summary>
    public List<string> Surprises { get; } = [];

    public void Start() => _worker = Task.Run(RunAsync);

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _worker;
    }

    public void Dispose() => _stop.Dispose();

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Pace);
        while (!_stop.IsCancellationRequested)
        {
            WithoutToken += await ExpectAsync("no token", HttpStatusCode.Unauthorized, edge, "api/storefront/1", null);
            WithBadToken += await ExpectAsync("bad token", HttpStatusCode.Unauthorized, edge, "api/storefront/1", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJldmUifQ.");
            WithWrongIdentity += await ExpectAsync("wrong identity", HttpStatusCode.Forbidden, orders, "orders/1", null);
            await timer.WaitForNextTickAsync();
        }
    }

    private async Task<int> ExpectAsync(string who, HttpStatusCode expected, HttpClient client, string path, string? token)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            using var answer = await client.SendAsync(request);
            if (answer.StatusCode != expected)
            {
                Surprises.Add($"{who}: {(int)answer.StatusCode} instead of {(int)expected}");
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
        {
            Surprises.Add($"{who}: {exception.Message}");
        }

        return 1;
    }
}
