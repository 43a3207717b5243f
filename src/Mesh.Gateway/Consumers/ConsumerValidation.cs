using Mesh.Configuration;
using Mesh.Gateway.Routing;

namespace Mesh.Gateway.Consumers;

/// <summary>Checks consumers and plans as a whole: every name leads somewhere, and every credential to one consumer.</summary>
internal static class ConsumerValidation
{
    /// <param name="options">All options of the gateway.</param>
    /// <param name="path">Their path.</param>
    /// <param name="routes">The names of the routes there are.</param>
    /// <param name="errors">Takes what is wrong.</param>
    public static void Validate(MeshGatewayOptions options, string path, IReadOnlySet<string> routes, ConfigurationErrors errors)
    {
        options.Usage.Validate($"{path}:{nameof(options.Usage)}", errors);
        foreach (var (name, plan) in options.Plans)
        {
            PlanValidation.Validate($"{path}:{nameof(options.Plans)}:{name}", plan, routes, errors);
        }

        CheckPlan($"{path}:{nameof(options.DefaultPlan)}", options.DefaultPlan, options, errors);
        CheckPlan($"{path}:{nameof(options.AnonymousPlan)}", options.AnonymousPlan, options, errors);
        var owners = new Dictionary<object, string>();
        foreach (var (name, consumer) in options.Consumers)
        {
            ValidateConsumer($"{path}:{nameof(options.Consumers)}:{name}", name, consumer, options, owners, errors);
        }
    }

    private static void ValidateConsumer(string path, string name, ConsumerOptions consumer, MeshGatewayOptions options, Dictionary<object, string> owners, ConfigurationErrors errors)
    {
        // With a slash it could be the principal of a token, with a parenthesis one of the names that stand for several.
        if (name.Length > ConsumerPolicy.MaxName || name.AsSpan().ContainsAnyExceptInRange('!', '~') || name.AsSpan().ContainsAny("/()"))
        {
            errors.Add(path, name, $"a name of up to {ConsumerPolicy.MaxName} printable ASCII characters without spaces, slashes and parentheses");
        }

        if (consumer.Plan.Length == 0)
        {
            errors.AddMissing($"{path}:{nameof(consumer.Plan)}", "the name of a plan");
        }

        CheckPlan($"{path}:{nameof(consumer.Plan)}", consumer.Plan, options, errors);
        for (var i = 0; i < consumer.Tokens.Count; i++)
        {
            consumer.Tokens[i].Validate($"{path}:{nameof(consumer.Tokens)}:{i}", errors);
        }

        for (var i = 0; i < consumer.Certificates.Count; i++)
        {
            consumer.Certificates[i].Validate($"{path}:{nameof(consumer.Certificates)}:{i}", errors);
        }

        foreach (var credential in ConsumerIndex.CredentialsOf(name, consumer))
        {
            if (!owners.TryAdd(credential, name))
            {
                errors.Add(path, $"the {credential} is also that of '{owners[credential]}'.");
            }
        }
    }

    private static void CheckPlan(string path, string? plan, MeshGatewayOptions options, ConfigurationErrors errors)
    {
        if (!string.IsNullOrEmpty(plan) && !options.Plans.ContainsKey(plan))
        {
            errors.Add(path, plan, options.Plans.Count == 0 ? "the name of a plan; there are none" : $"one of {string.Join(", ", options.Plans.Keys.Order(StringComparer.Ordinal))}");
        }
    }
}
