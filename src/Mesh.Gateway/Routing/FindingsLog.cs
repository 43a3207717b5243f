using Mesh.Configuration;
using Mesh.Routing.Findings;
using Microsoft.Extensions.Logging;

namespace Mesh.Gateway.Routing;

/// <summary>Says what is probably not meant so, at the start and whenever that has changed.</summary>
internal sealed partial class FindingsLog
{
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
        foreach (var finding in policy.Findings)
        {
            if (!_said.Contains(finding))
            {
                Log.Found(_logger, finding.Kind, finding.Path, finding.Message, finding.Other ?? "-");
            }
        }

        _said = [.. policy.Findings];
    }

    private static partial class Log
    {
        [LoggerMessage(41, LogLevel.Warning, "{Kind}: {Path}: {Message} (other: {Other})")]
        public static partial void Found(ILogger logger, RouteFindingKind kind, string path, string message, string other);
    }
}
