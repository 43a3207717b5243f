using System.Collections.Concurrent;
using Grpc.Core;
using Mesh.Identity;
using Mesh.Spiffe.Protocol;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Mesh.Spiffe;

/// <summary>Fetches JWT-SVIDs and keeps them by audience.</summary>
internal sealed class WorkloadApiJwtSource(AgentChannel agent, WorkloadApiOptions options, TimeProvider time) : IJwtSvidSource
{
    // Audiences are the services this process calls. More than this, and somebody puts something else into them.
    private const int MaxAudiences = 1024;

    // Longer than any token of sense, and what a server takes as one header field.
    private const int MaxTokenLength = 16 << 10;

    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    public ValueTask<JwtSvid> GetAsync(string audience, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(audience);
        if (!_entries.TryGetValue(audience, out var entry))
        {
            if (_entries.Count >= MaxAudiences)
            {
                throw new MeshIdentityException($"This process has asked for JWT-SVIDs for {MaxAudiences} audiences: the audience is the callee, not the request.");
            }

            entry = _entries.GetOrAdd(audience, static _ => new Entry());
        }

        return entry.Current is { } held && time.GetUtcNow() < held.RenewAt
            ? ValueTask.FromResult(held.Svid)
            : new ValueTask<JwtSvid>(RenewAsync(entry, audience, cancellationToken));
    }

    public async ValueTask<SpiffeId?> ValidateAsync(string token, string audience, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(token);
        ArgumentException.ThrowIfNullOrEmpty(audience);
        if (token.Length is 0 or > MaxTokenLength)
        {
            return null;
        }

        try
        {
            var answer = await agent.Client.ValidateJWTSVIDAsync(
                new ValidateJWTSVIDRequest { Audience = audience, Svid = token },
                AgentChannel.Headers,
                Deadline(),
                cancellationToken).ConfigureAwait(false);
            return SpiffeId.TryParse(answer.SpiffeId, out var id) ? id : null;
        }
        catch (RpcException exception) when (exception.StatusCode == StatusCode.InvalidArgument)
        {
            // The answer for a token that is not valid (Workload API, 6.2.3).
            return null;
        }
        catch (RpcException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MeshIdentityException($"The Workload API at {agent.Address} cannot verify a JWT-SVID: {AgentError.Describe(exception)}.", exception);
        }
    }

    private async Task<JwtSvid> RenewAsync(Entry entry, string audience, CancellationToken cancellationToken)
    {
        Task<Held> fetch;
        lock (entry)
        {
            if (entry.Current is { } held && time.GetUtcNow() < held.RenewAt)
            {
                return held.Svid;
            }

            fetch = entry.Fetch is { IsCompleted: false } running ? running : entry.Fetch = FetchAsync(entry, audience);
        }

        try
        {
            return (await fetch.WaitAsync(cancellationToken).ConfigureAwait(false)).Svid;
        }
        catch (MeshIdentityException) when (entry.Current is { } held && time.GetUtcNow() < held.Svid.ExpiresAt)
        {
            return held.Svid;
        }
    }

    private async Task<Held> FetchAsync(Entry entry, string audience)
    {
        // Not under the lock of whoever asked first.
        await Task.Yield();
        try
        {
            var answer = await agent.Client.FetchJWTSVIDAsync(new JWTSVIDRequest { Audience = { audience } }, AgentChannel.Headers, Deadline()).ConfigureAwait(false);
            var held = Read(Choose(answer));
            entry.Current = held;
            return held;
        }
        catch (RpcException exception)
        {
            throw new MeshIdentityException($"The Workload API at {agent.Address} gives no JWT-SVID for '{audience}': {AgentError.Describe(exception)}.", exception);
        }
        catch (FormatException exception)
        {
            throw new MeshIdentityException($"The Workload API at {agent.Address} gives no JWT-SVID for '{audience}': {exception.Message}.");
        }
    }

    private JWTSVID Choose(JWTSVIDResponse answer)
    {
        foreach (var svid in answer.Svids)
        {
            if (string.IsNullOrEmpty(options.Hint) || svid.Hint == options.Hint)
            {
                return svid;
            }
        }

        throw new FormatException(answer.Svids.Count == 0 ? "there is none in its answer" : $"none of its {answer.Svids.Count} has the hint '{options.Hint}'");
    }

    private Held Read(JWTSVID svid)
    {
        JsonWebToken token;
        try
        {
            token = svid.Svid.Length <= MaxTokenLength ? new JsonWebToken(svid.Svid) : throw new FormatException("it is too long");
        }
        catch (Exception exception) when (exception is ArgumentException or SecurityTokenException)
        {
            // Without the inner message, which may hold the token.
            throw new FormatException("it is no JSON Web Token");
        }

        if (!SpiffeId.TryParse(token.Subject, out var id) || token.Subject != svid.SpiffeId)
        {
            throw new FormatException("its subject is not the SPIFFE ID it is said to be of");
        }

        var now = time.GetUtcNow();
        DateTimeOffset expiresAt = DateTime.SpecifyKind(token.ValidTo, DateTimeKind.Utc);
        return expiresAt > now
            ? new Held(new JwtSvid(svid.Svid, id, expiresAt), now + ((expiresAt - now) / 2))
            : throw new FormatException("it has expired");
    }

    // The call's own clock is the machine's.
    private static DateTime Deadline() => DateTime.UtcNow + CallTimeout;

    private sealed record Held(JwtSvid Svid, DateTimeOffset RenewAt);

    private sealed class Entry
    {
        private volatile Held? _current;

        public Held? Current
        {
            get => _current;
            set => _current = value;
        }

        public Task<Held>? Fetch { get; set; }
    }
}
