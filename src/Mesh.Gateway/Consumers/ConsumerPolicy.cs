using System.Security.Cryptography;
using System.Text;
using Mesh.Gateway.Routing;
using Mesh.Server.Pipeline;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;

namespace Mesh.Gateway.Consumers;

/// <summary>Who may use the gateway, and under which plan. Immutable.</summary>
internal sealed class ConsumerPolicy
{
    /// <summary>How long the name of a consumer may be.</summary>
    public const int MaxName = 256;

    /// <summary>The name of all who show nothing.</summary>
    public const string Anonymous = "(anonymous)";

    private readonly ConsumerIndex _index;
    private readonly Plan? _defaultPlan;
    private readonly Plan? _anonymousPlan;

    private ConsumerPolicy(MeshGatewayOptions options, Dictionary<string, Plan> plans)
    {
        _index = new ConsumerIndex(options.Consumers, plans);
        _defaultPlan = PlanOf(options.DefaultPlan, plans);
        _anonymousPlan = PlanOf(options.AnonymousPlan, plans);
        Count = options.Consumers.Count;
        Plans = [.. plans.Values];
    }

    /// <summary>How many consumers there are.</summary>
    public int Count { get; }

    public Plan[] Plans { get; }

    /// <summary>Whether there are quotas that this process counts alone.</summary>
    public bool HasQuotas => Plans.Any(static plan => plan.Quotas.Length > 0);

    /// <summary>Compiles options that are valid.</summary>
    /// <returns><see langword="null"/> without plans: then everybody may use the gateway.</returns>
    public static ConsumerPolicy? Compile(MeshGatewayOptions options, PlanLimiters limiters)
    {
        var limits = limiters.Use(options.Plans);
        var plans = options.Plans.ToDictionary(static plan => plan.Key, plan => new Plan(plan.Key, plan.Value, limits[plan.Key]), StringComparer.Ordinal);
        return plans.Count == 0 ? null : new ConsumerPolicy(options, plans);
    }

    /// <summary>Finds out who sent a request.</summary>
    /// <param name="http">The request.</param>
    /// <param name="request">What the server knows about it; <see langword="null"/> where it did not see it.</param>
    /// <param name="caller">The consumer, with its plan.</param>
    /// <returns>The refusal when nobody is meant.</returns>
    public MeshProblem? Identify(HttpContext http, MeshRequest? request, out Caller caller)
    {
        if (request is not null && _index.TryFind(http, request, out caller))
        {
            return null;
        }

        if (request is not null && NameOf(request) is { } name)
        {
            caller = _defaultPlan is null ? default : new Caller(name, name, _defaultPlan);
            return _defaultPlan is null ? ConsumerProblems.Unknown : null;
        }

        caller = _anonymousPlan is null ? default : new Caller(Anonymous, $"{Anonymous}/{ClientAddress.Of(http.Connection.RemoteIpAddress)}", _anonymousPlan);
        return _anonymousPlan is null ? ConsumerProblems.Required : null;
    }

    // All of these have a slash, which no consumer has in its name.
    private static string? NameOf(MeshRequest request) =>
        (request.RequestPrincipal ?? request.ForwardedClient?.Id?.ToString() ?? request.Peer?.ToString()) is { } name ? Shorten(name) : null;

    // What issuers call people has no bound, and what is counted has.
    private static string Shorten(string name) => name.Length <= MaxName
        ? name
        : $"{name.AsSpan(0, MaxName / 2)}…/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))}";

    private static Plan? PlanOf(string? name, Dictionary<string, Plan> plans) => string.IsNullOrEmpty(name) ? null : plans[name];
}
