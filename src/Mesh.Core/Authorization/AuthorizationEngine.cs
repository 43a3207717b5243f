using Mesh.Configuration;
using Mesh.Identity;

namespace Mesh.Authorization;

/// <summary>The authorization policies of a service, compiled: immutable, safe for any number of threads, no allocation per decision.</summary>
/// <remarks>
/// The order is Istio's: a denying policy that matches refuses; without any allowing policy everything else passes;
/// otherwise an allowing policy must match.
/// </remarks>
public sealed class AuthorizationEngine
{
    private readonly CompiledPolicy[] _denying;
    private readonly CompiledPolicy[] _allowing;

    private AuthorizationEngine(CompiledPolicy[] denying, CompiledPolicy[] allowing)
    {
        _denying = denying;
        _allowing = allowing;
    }

    /// <summary>No policies: everything passes.</summary>
    public static AuthorizationEngine Empty { get; } = new([], []);

    /// <summary>Compiles policies; they are evaluated in the ordinal order of their names.</summary>
    /// <param name="policies">The policies by name.</param>
    /// <param name="configurationPath">The path of the section they are in, for error messages: <c>Mesh:Server:Authorization</c>.</param>
    /// <param name="errors">Takes what is wrong, each with the path of its field.</param>
    /// <param name="aliases">The names that count as one trust domain; default none.</param>
    /// <returns>The engine. When something is wrong, one that refuses every request, should anybody use it all the same.</returns>
    public static AuthorizationEngine Compile(
        IReadOnlyDictionary<string, AuthorizationPolicyOptions> policies,
        string configurationPath,
        ConfigurationErrors errors,
        TrustDomainAliases? aliases = null)
    {
        ArgumentNullException.ThrowIfNull(policies);
        ArgumentNullException.ThrowIfNull(configurationPath);
        ArgumentNullException.ThrowIfNull(errors);
        if (policies.Count == 0)
        {
            return Empty;
        }

        var errorsBefore = errors.All.Count;
        List<CompiledPolicy> denying = [];
        List<CompiledPolicy> allowing = [];
        foreach (var (name, policy) in policies.OrderBy(static policy => policy.Key, StringComparer.Ordinal))
        {
            var compiler = new PolicyCompiler(policy.Action, aliases ?? TrustDomainAliases.None, errors);
            (policy.Action == AuthorizationAction.Deny ? denying : allowing).Add(compiler.Compile(name, policy, $"{configurationPath}:{name}"));
        }

        return errors.All.Count == errorsBefore
            ? new AuthorizationEngine([.. denying], [.. allowing])
            : new AuthorizationEngine([], [new CompiledPolicy("", [])]);
    }

    /// <summary>Decides one request.</summary>
    public AuthorizationDecision Evaluate(in AuthorizationRequest request)
    {
        foreach (var policy in _denying)
        {
            if (policy.FindMatch(in request) is var rule and >= 0)
            {
                return new(Allowed: false, policy.Name, rule);
            }
        }

        if (_allowing.Length == 0)
        {
            return AuthorizationDecision.Unmatched(allowed: true);
        }

        foreach (var policy in _allowing)
        {
            if (policy.FindMatch(in request) is var rule and >= 0)
            {
                return new(Allowed: true, policy.Name, rule);
            }
        }

        return AuthorizationDecision.Unmatched(allowed: false);
    }
}
