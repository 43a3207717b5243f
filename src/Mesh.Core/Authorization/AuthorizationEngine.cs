using System.Collections.Immutable;
using Mesh.Configuration;
using Mesh.Identity;

namespace Mesh.Authorization;

/// <summary>The authorization policies of a service, compiled: immutable, safe for any number of threads, no allocation per decision.</summary>
/// <remarks>
/// The order is Istio's: the authorizer of a custom policy that matches is asked; then a denying policy that matches
/// refuses; without any allowing policy everything else passes; otherwise an allowing policy must match.
/// </remarks>
public sealed class AuthorizationEngine
{
    private readonly CompiledPolicy[] _all;
    private readonly PolicySet[] _custom;
    private readonly PolicySet _auditing;
    private readonly Answers _enforced;
    private readonly Answers? _triedOut;

    private AuthorizationEngine(CompiledPolicy[] all)
    {
        _all = all;
        Authorizers = [.. all.Select(static policy => policy.Provider).OfType<string>().Distinct(StringComparer.Ordinal)];
        _custom = [.. Authorizers.Select(name => new PolicySet([.. all.Where(policy => policy.Provider == name)]))];
        _auditing = new PolicySet([.. all.Where(static policy => policy.Action == AuthorizationAction.Audit)]);
        _enforced = Answers.Of(all.Where(static policy => !policy.IsDryRun));
        _triedOut = Array.Exists(all, static policy => policy.IsDryRun) ? Answers.Of(all) : null;
    }

    /// <summary>No policies: everything passes.</summary>
    public static AuthorizationEngine Empty { get; } = new([]);

    /// <summary>The authorizers that custom policies name, in the order they are asked.</summary>
    public ImmutableArray<string> Authorizers { get; }

    /// <summary>Whether some policy is tried out.</summary>
    public bool HasDryRun => _triedOut is not null;

    /// <summary>Compiles policies; they are evaluated in the ordinal order of their names.</summary>
    /// <param name="policies">The policies by name.</param>
    /// <param name="ownNamespace">The namespace of this service, in which a service account without one is.</param>
    /// <param name="configurationPath">The path of the section they are in, for error messages: <c>Mesh:Server:Authorization</c>.</param>
    /// <param name="errors">Takes what is wrong, each with the path of its field.</param>
    /// <param name="aliases">The names that count as one trust domain; default none.</param>
    /// <returns>The engine. When something is wrong, one that refuses every request, should anybody use it all the same.</returns>
    public static AuthorizationEngine Compile(
        IReadOnlyDictionary<string, AuthorizationPolicyOptions> policies,
        string ownNamespace,
        string configurationPath,
        ConfigurationErrors errors,
        TrustDomainAliases? aliases = null)
    {
        ArgumentNullException.ThrowIfNull(policies);
        ArgumentNullException.ThrowIfNull(ownNamespace);
        ArgumentNullException.ThrowIfNull(configurationPath);
        ArgumentNullException.ThrowIfNull(errors);
        if (policies.Count == 0)
        {
            return Empty;
        }

        var errorsBefore = errors.All.Count;
        List<CompiledPolicy> compiled = [];
        foreach (var (name, policy) in policies.OrderBy(static policy => policy.Key, StringComparer.Ordinal))
        {
            compiled.Add(new PolicyCompiler(policy.Action, ownNamespace, aliases ?? TrustDomainAliases.None, errors).Compile(name, policy, $"{configurationPath}:{name}"));
        }

        return errors.All.Count == errorsBefore
            ? new AuthorizationEngine([.. compiled])
            : new AuthorizationEngine([new CompiledPolicy("", AuthorizationAction.Allow, isDryRun: false, provider: null, [], [])]);
    }

    /// <summary>Decides one request by the denying and allowing policies.</summary>
    public AuthorizationDecision Evaluate(in AuthorizationRequest request) => _enforced.Evaluate(in request);

    /// <summary>What <see cref="Evaluate"/> would say if the policies that are tried out were in force.</summary>
    public AuthorizationDecision EvaluateDryRun(in AuthorizationRequest request) => (_triedOut ?? _enforced).Evaluate(in request);

    /// <summary>Whether an authorizer must be asked before <see cref="Evaluate"/>.</summary>
    /// <param name="authorizer">Its place in <see cref="Authorizers"/>.</param>
    /// <param name="request">The request.</param>
    /// <param name="policy">The policy that has it asked.</param>
    public bool MustAsk(int authorizer, in AuthorizationRequest request, out string? policy)
    {
        var matches = _custom[authorizer].TryMatch(in request, out var found, out _);
        policy = found?.Name;
        return matches;
    }

    /// <summary>Finds the next auditing policy that matches.</summary>
    /// <param name="request">The request.</param>
    /// <param name="position">Where to go on; 0 at first.</param>
    /// <param name="policy">The policy.</param>
    /// <param name="rule">The index of its rule that matched.</param>
    public bool TryFindAudit(in AuthorizationRequest request, ref int position, out string? policy, out int rule)
    {
        rule = -1;
        policy = null;
        if (_auditing.IsEmpty || !_auditing.TryMatchNext(in request, ref position, out var found, out rule))
        {
            return false;
        }

        policy = found!.Name;
        return true;
    }

    /// <summary>Says of each policy whether it matches a request and, where not, what is in the way. For people: it allocates.</summary>
    public AuthorizationExplanation Explain(in AuthorizationRequest request)
    {
        List<PolicyExplanation> policies = [];
        foreach (var policy in _all)
        {
            var matched = -1;
            List<string> mismatches = [];
            for (var index = 0; index < policy.Rules.Length; index++)
            {
                if (policy.Rules[index].Explain(in request) is { } mismatch)
                {
                    mismatches.Add($"Rules:{index}:{mismatch}");
                }
                else if (matched < 0)
                {
                    matched = index;
                }
            }

            policies.Add(new PolicyExplanation(policy.Name, policy.Action, policy.IsDryRun, matched, mismatches));
        }

        return new AuthorizationExplanation(Evaluate(in request), EvaluateDryRun(in request), policies);
    }

    private sealed record Answers(PolicySet Denying, PolicySet Allowing)
    {
        public static Answers Of(IEnumerable<CompiledPolicy> policies)
        {
            var byAction = policies.ToLookup(static policy => policy.Action);
            return new Answers(new PolicySet([.. byAction[AuthorizationAction.Deny]]), new PolicySet([.. byAction[AuthorizationAction.Allow]]));
        }

        public AuthorizationDecision Evaluate(in AuthorizationRequest request)
        {
            if (Denying.TryMatch(in request, out var denying, out var rule))
            {
                return new(Allowed: false, denying!.Name, rule);
            }

            if (Allowing.IsEmpty)
            {
                return AuthorizationDecision.Unmatched(allowed: true);
            }

            return Allowing.TryMatch(in request, out var allowing, out rule)
                ? new(Allowed: true, allowing!.Name, rule)
                : AuthorizationDecision.Unmatched(allowed: false);
        }
    }
}
