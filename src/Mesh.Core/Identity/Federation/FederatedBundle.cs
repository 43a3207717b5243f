using Microsoft.Extensions.Logging;

namespace Mesh.Identity.Federation;

/// <summary>The bundle of another trust domain that is in force: the last good one.</summary>
internal sealed partial class FederatedBundle(string trustDomain, ILogger logger)
{
    private readonly Lock _lock = new();
    private readonly ChangeSignal _changed = new();
    private readonly Dictionary<string, string> _problems = new(StringComparer.Ordinal);
    private volatile SpiffeBundle? _current;

    public string TrustDomain { get; } = trustDomain;

    /// <summary>The bundle, or <see langword="null"/> as long as there has been none.</summary>
    public SpiffeBundle? Current => _current;

    public ChangeSignal Changed => _changed;

    /// <summary>Takes what the operator has put in place. It counts whatever its sequence (Federation, 4.2).</summary>
    public void TakeFromFile(SpiffeBundle bundle, string path) => Take(bundle, path);

    /// <summary>Takes what an endpoint has answered, unless its sequence is before that of the bundle in force.</summary>
    /// <remarks>
    /// An old edition, out of a cache or a backup, may hold an authority that has been removed since. A publisher that has to
    /// begin again with a lower number asks its partners to replace their file or to restart.
    /// </remarks>
    public void TakeFromEndpoint(SpiffeBundle bundle, Uri endpoint)
    {
        if (bundle.Sequence < _current?.Sequence)
        {
            Keep(endpoint.ToString(), $"The answer has the sequence {bundle.Sequence}, and {_current.Sequence} is in force.");
            return;
        }

        Take(bundle, endpoint.ToString());
    }

    /// <summary>Says once what is wrong with a file or an endpoint.</summary>
    public void Keep(string origin, string problem)
    {
        lock (_lock)
        {
            if (_problems.TryGetValue(origin, out var known) && known == problem)
            {
                return;
            }

            _problems[origin] = problem;
        }

        if (_current is null)
        {
            Log.Missing(logger, TrustDomain, origin, problem);
        }
        else
        {
            Log.Kept(logger, TrustDomain, origin, problem);
        }
    }

    private void Take(SpiffeBundle bundle, string origin)
    {
        lock (_lock)
        {
            _problems.Remove(origin);
            var previous = _current;
            _current = bundle;
            if (previous is not null && SameAuthorities(previous, bundle))
            {
                return;
            }
        }

        Log.Taken(logger, TrustDomain, bundle.X509Authorities.Count, origin);
        _changed.Fire();
    }

    private static bool SameAuthorities(SpiffeBundle first, SpiffeBundle second) =>
        first.X509Authorities.Count == second.X509Authorities.Count && first.X509Authorities.All(second.X509Authorities.Contains);

    private static partial class Log
    {
        [LoggerMessage(21, LogLevel.Information, "The bundle of the trust domain {TrustDomain} has {Count} authorities, from {Origin}.")]
        public static partial void Taken(ILogger logger, string trustDomain, int count, string origin);

        [LoggerMessage(22, LogLevel.Error, "There is no bundle of the trust domain {TrustDomain}, and its peers are refused. {Origin}: {Reason}")]
        public static partial void Missing(ILogger logger, string trustDomain, string origin, string reason);

        [LoggerMessage(23, LogLevel.Warning, "The bundle of the trust domain {TrustDomain} could not be refreshed and the last one stays. {Origin}: {Reason}")]
        public static partial void Kept(ILogger logger, string trustDomain, string origin, string reason);
    }
}
