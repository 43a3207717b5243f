using Mesh.Configuration;

namespace Mesh.Authorization;

/// <summary>
/// One authorization document, with the fields and the meaning of Istio's <c>AuthorizationPolicy</c>: it matches a
/// request when any of its rules does.
/// </summary>
public sealed class AuthorizationPolicyOptions
{
    /// <summary>What happens to the requests it matches.</summary>
    /// <value>Default <see cref="AuthorizationAction.Allow"/>.</value>
    public AuthorizationAction Action { get; set; }

    /// <summary>The rules, of which any may match.</summary>
    /// <value>
    /// Default <see langword="null"/>. A policy without rules, absent or an empty list, matches nothing: as an allowing one it
    /// refuses everything that no other policy allows, as a denying one it does nothing. A list of one empty rule matches everything.
    /// </value>
    public List<AuthorizationRuleOptions>? Rules { get; set; }

    /// <summary>The authorizer of a <see cref="AuthorizationAction.Custom"/> policy; an error with any other action.</summary>
    public AuthorizationProviderOptions Provider { get; } = new();

    /// <summary>
    /// Whether the policy is tried out: evaluated, counted and logged where it would change the answer, without changing it.
    /// For <see cref="AuthorizationAction.Allow"/> and <see cref="AuthorizationAction.Deny"/>.
    /// </summary>
    /// <value>Default <see langword="false"/>.</value>
    public bool DryRun { get; set; }

    /// <summary>Reads one policy, as <see cref="ConfigurationReader.Map{T}"/> calls it.</summary>
    public static void Read(ConfigurationReader reader, AuthorizationPolicyOptions options)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(options);
        options.Action = reader.OneOf<AuthorizationAction>(nameof(Action)) ?? options.Action;
        options.DryRun = reader.Boolean(nameof(DryRun)) ?? options.DryRun;
        reader.Section(nameof(Provider), options.Provider, AuthorizationProviderOptions.Read);
        options.Rules = reader.Sections<AuthorizationRuleOptions>(nameof(Rules), AuthorizationRuleOptions.Read) ?? options.Rules;
    }
}
