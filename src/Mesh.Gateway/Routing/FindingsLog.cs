using Mesh.Configuration;
using Mesh.Routing.Findings;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Routing;

/// <summary>Says what is probably not meant so, at the start and whenever that has changed.</summary>
internal sealed partial class FindingsLog
{
    // A mistake made by a program is made for thousands of routes.
    private const int MaxEntries = 100;

    private readonly ILogger _logger;
    private HashSet<RouteFinding> _said = [];

    private FindingsLog(ILogger logger) => _logger = logger;

    public static void Attach(PolicySource<GatewayPolicy> policy, ILogger logger)
    {
        var log = new FindingsLog(logger);
        log.Say(policy.Current);
        policy.OnChange(log.Say);
    }

    // What has been said already is not said again at each reload.
    private void Say(GatewayPolicy policy)
    {
        var count = 0;
        foreach (var finding in policy.Findings)
        {
            if (!_said.Contains(finding) && ++count <= MaxEntries)
            {
                Say(finding);
            }
        }

        if (count > MaxEntries)
        {
            Log.More(_logger, count - MaxEntries);
        }

        _said = [.. policy.Findings];
    }

    private void Say(RouteFinding finding)
    {
        // What somebody has written down is no mistake, and still worth a line.
        var level = finding.Kind is RouteFindingKind.Anonymous or RouteFindingKind.NotAttached ? LogLevel.Information : LogLevel.Warning;
        if (finding.Other is { } other)
        {
            Log.Pair(_logger, level, finding.Kind, finding.Path, other, finding.Message);
        }
        else
        {
            Log.One(_logger, level, finding.Kind, finding.Path, finding.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 41, Message = "{Kind} {Path}: {Reason}")]
        public static partial void One(ILogger logger, LogLevel level, RouteFindingKind kind, string path, string reason);

        [LoggerMessage(EventId = 42, Message = "{Kind} {Path} (see {Other}): {Reason}")]
        public static partial void Pair(ILogger logger, LogLevel level, RouteFindingKind kind, string path, string other, string reason);

        [LoggerMessage(43, LogLevel.Warning, "{Count} more such findings stand in the state of the gateway.")]
        public static partial void More(ILogger logger, int count);
    }
}
