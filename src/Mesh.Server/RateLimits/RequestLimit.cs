using System.Globalization;
using Mesh.Limits;
using Mesh.Server.RateLimits.Shared;

namespace Mesh.Server.RateLimits;

/// <summary>One limit of the policy: which requests it is for, by what it counts them, and how <c>RateLimit-Policy</c> writes it.</summary>
internal sealed class RequestLimit
{
    private readonly string[] _methods;
    private readonly string[] _paths;

    public RequestLimit(RateLimiterTable table, RateLimitOptions options, SharedLimit? shared = null)
    {
        Shared = shared;
        Table = table;
        Partition = options.Partition;
        Source = options.Header ?? options.Claim;
        ClaimPath = options.Claim?.Split('.') ?? [];
        Cost = options.Cost;
        _methods = [.. options.Methods];
        _paths = [.. options.Paths];

        // Windows are whole seconds there, and none is shorter than one.
        var seconds = Math.Max(1, Math.Ceiling(table.Window.TotalSeconds));
        var quota = Math.Max(1, Math.Floor(table.Limit * seconds / table.Window.TotalSeconds));
        PolicyItem = string.Create(CultureInfo.InvariantCulture, $"\"{table.Name}\";q={quota};w={seconds}");
    }

    public RateLimiterTable Table { get; }

    /// <summary>What it shares with other processes; <see langword="null"/> when it is this one's own. <see cref="Table"/> is then what holds when the store is away.</summary>
    public SharedLimit? Shared { get; }

    public RateLimitPartition Partition { get; }

    /// <summary>The name of the header field or claim it counts by, where it does.</summary>
    public string? Source { get; }

    /// <summary>The names on the way to the claim.</summary>
    public string[] ClaimPath { get; }

    public int Cost { get; }

    public string PolicyItem { get; }

    /// <summary>Whether it is for all requests.</summary>
    public bool TakesAll => _methods.Length == 0 && _paths.Length == 0;

    /// <summary>Whether it is for a request.</summary>
    /// <param name="method">The method of the request.</param>
    /// <param name="path">Its canonical path.</param>
    /// <param name="matched">The one of its paths that takes the request, or <see langword="null"/> when it has none.</param>
    public bool Takes(string method, string path, out string? matched)
    {
        matched = null;
        return TakesMethod(method) && (_paths.Length == 0 || (matched = FindPath(path)) is not null);
    }

    private bool TakesMethod(string method)
    {
        foreach (var allowed in _methods)
        {
            if (allowed.Equals(method, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return _methods.Length == 0;
    }

    private string? FindPath(string path)
    {
        foreach (var candidate in _paths)
        {
            if (candidate.EndsWith('*')
                ? path.AsSpan().StartsWith(candidate.AsSpan(0, candidate.Length - 1), StringComparison.OrdinalIgnoreCase)
                : path.Equals(candidate, StringComparison.OrdinalIgnoreCase))
            {
                return candidate;
            }
        }

        return null;
    }
}
