using System.Collections.Concurrent;
using Mesh.Client.Tokens;

namespace Mesh.Client.Tests.Fixtures;

/// <summary>A source of tokens of the application's own: numbered tokens, or what a test says.</summary>
internal sealed class ScriptedTokens(TimeProvider time) : IAccessTokenSource
{
    private int _asked;

    public string Name => "Scripted";

    public bool UsesCallerToken { get; init; }

    public int Asked => Volatile.Read(ref _asked);

    public ConcurrentQueue<AccessTokenRequest> Requests { get; } = new();

    public TimeSpan? Lifetime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Runs before a token is given; may wait, or throw.</summary>
    public Func<int, Task> Before { get; set; } = static _ => Task.CompletedTask;

    public async ValueTask<AccessToken> GetAsync(AccessTokenRequest request, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _asked);
        Requests.Enqueue(request);
        await Before(number);
        return new AccessToken($"token-{number}", Lifetime is { } lifetime ? time.GetUtcNow() + lifetime : null);
    }
}
