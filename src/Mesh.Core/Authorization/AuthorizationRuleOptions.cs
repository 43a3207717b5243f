using Mesh.Configuration;

namespace Mesh.Authorization;

/// <summary>One rule of a policy: it matches when <see cref="From"/>, <see cref="To"/> and <see cref="When"/> all hold. The empty rule matches everything.</summary>
public sealed class AuthorizationRuleOptions
{
    /// <summary>Who calls: any of the entries must hold.</summary>
    /// <value>Default <see langword="null"/>: anybody.</value>
    public List<AuthorizationSourceOptions>? From { get; set; }

    /// <summary>What is called: any of the entries must hold.</summary>
    /// <value>Default <see langword="null"/>: anything.</value>
    public List<AuthorizationOperationOptions>? To { get; set; }

    /// <summary>Further conditions: all must hold.</summary>
    /// <value>Default <see langword="null"/>: none.</value>
    public List<AuthorizationConditionOptions>? When { get; set; }

    internal static void Read(ConfigurationReader reader, AuthorizationRuleOptions options)
    {
        options.From = reader.Sections<AuthorizationSourceOptions>(nameof(From), AuthorizationSourceOptions.Read);
        options.To = reader.Sections<AuthorizationOperationOptions>(nameof(To), AuthorizationOperationOptions.Read);
        options.When = reader.Sections<AuthorizationConditionOptions>(nameof(When), AuthorizationConditionOptions.Read) ?? options.When;
    }
}
