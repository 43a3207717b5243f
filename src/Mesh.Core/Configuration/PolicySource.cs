using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Mesh.Configuration;

/// <summary>
/// Holds the compiled policy in force and replaces it when its configuration changes: as a whole, or not at all.
/// </summary>
/// <typeparam name="TPolicy">The immutable snapshot that callers read.</typeparam>
/// <remarks>
/// A reload whose values are equal does nothing. One that is invalid is logged once and the last good policy stays.
/// A section that had values and vanishes altogether is treated as a lost file, not as a wish to run without policy:
/// a JSON file that is being rewritten reads as empty for a moment, and an empty policy would open every door.
/// </remarks>
public sealed partial class PolicySource<TPolicy> : IDisposable
    where TPolicy : class
{
    private readonly IConfigurationSection? _section;
    private readonly Func<TPolicy> _build;
    private readonly ILogger _logger;
    private readonly string _subject;
    private readonly Lock _lock = new();
    private readonly List<Action<TPolicy>> _listeners = [];
    private readonly IDisposable? _subscription;
    private string _fingerprint;
    private string? _lastError;
    private volatile TPolicy _current;

    /// <summary>Builds the first policy and starts to listen.</summary>
    /// <param name="section">What to listen to; <see langword="null"/> where there is no configuration.</param>
    /// <param name="subject">What is configured, such as <c>Mesh:Client</c>, for messages.</param>
    /// <param name="build">Reads, validates and compiles; throws <see cref="MeshConfigurationException"/> when it cannot.</param>
    /// <param name="logger">Hears of reloads and refusals.</param>
    /// <exception cref="MeshConfigurationException">The first policy is invalid.</exception>
    public PolicySource(IConfigurationSection? section, string subject, Func<TPolicy> build, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(logger);
        _section = section;
        _subject = subject;
        _build = build;
        _logger = logger;
        _fingerprint = Fingerprint(section);
        _current = build();
        if (section is not null)
        {
            _subscription = ChangeToken.OnChange(section.GetReloadToken, () => Reload());

            // What changed between reading and listening would otherwise wait for the next change.
            Reload();
        }
    }

    /// <summary>The policy in force: one volatile read.</summary>
    public TPolicy Current => _current;

    /// <summary>How often the policy has been replaced since the start.</summary>
    public int Revision { get; private set; }

    /// <summary>Calls <paramref name="listener"/> after each replacement, on the thread that reloads.</summary>
    public void OnChange(Action<TPolicy> listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        lock (_lock)
        {
            _listeners.Add(listener);
        }
    }

    /// <summary>Builds the policy anew though its section is as it was: for what it is made of besides, such as files.</summary>
    /// <returns>Whether the new one is in force. When it is not, the reason is logged and the last good one stays.</returns>
    public bool Refresh() => Reload(isForced: true);

    /// <inheritdoc/>
    public void Dispose() => _subscription?.Dispose();

    private bool Reload(bool isForced = false)
    {
        lock (_lock)
        {
            try
            {
                var fingerprint = Fingerprint(_section);
                if (fingerprint == _fingerprint && !isForced)
                {
                    _lastError = null;
                    return true;
                }

                if (fingerprint.Length == 0 && _fingerprint.Length > 0)
                {
                    throw new MeshConfigurationException(_subject, [$"{_section!.Path}: every setting has disappeared; remove the package, not the section, to run without policy."]);
                }

                var policy = _build();
                _fingerprint = fingerprint;
                _lastError = null;
                _current = policy;
                Revision++;
                Log.Reloaded(_logger, _subject, Revision);
                Notify(policy);
                return true;
            }
#pragma warning disable CA1031 // A reload runs on a thread of the configuration system: whatever goes wrong, the last good policy stays in force.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                // One file change may raise several tokens: say the same thing once.
                if (exception.Message != _lastError)
                {
                    _lastError = exception.Message;
                    Log.Refused(_logger, _subject, exception.Message);
                }

                return false;
            }
        }
    }

    private void Notify(TPolicy policy)
    {
        foreach (var listener in _listeners)
        {
            try
            {
                listener(policy);
            }
#pragma warning disable CA1031 // The policy is in force already: one listener's failure must not keep it from the others.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                Log.ListenerFailed(_logger, exception, _subject);
            }
        }
    }

    private static string Fingerprint(IConfigurationSection? section) => section is null
        ? ""
        : string.Join('\n', ConfigurationNode.Read(section).Settings
            .Select(static setting => $"{setting.Path.ToUpperInvariant()}={setting.Value}")
            .Order(StringComparer.Ordinal));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The policy of {Subject} was replaced (revision {Revision}).")]
        public static partial void Reloaded(ILogger logger, string subject, int revision);

        [LoggerMessage(2, LogLevel.Error, "A change of {Subject} was refused and the last good policy stays in force. {Reason}")]
        public static partial void Refused(ILogger logger, string subject, string reason);

        [LoggerMessage(3, LogLevel.Error, "The new policy of {Subject} is in force, and one that listens for it failed.")]
        public static partial void ListenerFailed(ILogger logger, Exception exception, string subject);
    }
}
