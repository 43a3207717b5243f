using System.Globalization;
using Mesh.Authorization;
using Mesh.Configuration;

namespace Mesh.Core.Tests.Authorization;

/// <summary>Each row of the corpus in an allowing and a denying document, in its positive and its <c>Not</c> form: by the engine and by the naive evaluator.</summary>
public sealed class AuthorizationCorpusTests
{
    private static IEnumerable<TestCaseData> Cases() =>
        from row in AuthorizationCorpus.Rows()
        from action in new[] { AuthorizationAction.Allow, AuthorizationAction.Deny }
        from isNot in new[] { false, true }
        select new TestCaseData(row, action, isNot).SetArgDisplayNames($"{action} {(isNot ? "not " : "")}{row.Field} {row.Value}", row.Request);

    [TestCaseSource(nameof(Cases))]
    public void Evaluate_OneField_DecidesAsTheReferenceSays(object row, AuthorizationAction action, bool isNot)
    {
        var (field, value, attributes, matches, matchesRefusing) = (AuthorizationCorpus.Row)row;
        var errors = new ConfigurationErrors();
        var policies = Policies.Read(DocumentOf(field, value, action, isNot), errors);
        var engine = AuthorizationEngine.Compile(policies, "shop", Policies.Path, errors);
        errors.ThrowIfAny(Policies.Path);
        var request = RequestOf(attributes);
        var refuses = (action == AuthorizationAction.Deny) != isNot;
        var ruleMatches = (refuses ? matchesRefusing : matches) != isNot;
        var expected = action == AuthorizationAction.Allow ? ruleMatches : !ruleMatches;

        Assert.That(engine.Evaluate(in request).Allowed, Is.EqualTo(expected));
        Assert.That(NaiveAuthorization.IsAllowed(policies, request, "shop"), Is.EqualTo(expected));
    }

    [Test]
    public void Cases_OfTheCorpus_AreMoreThanThreeHundred() => Assert.That(Cases().Count(), Is.GreaterThan(300));

    private static string DocumentOf(string field, string value, AuthorizationAction action, bool isNot)
    {
        var colon = field.IndexOf(':', StringComparison.Ordinal);
        var (part, name, not) = (field[..colon], field[(colon + 1)..], isNot ? "Not" : "");
        var entry = part == "When" ? $$"""{ "Key": "{{name}}", "{{not}}Values": [ "{{value}}" ] }""" : $$"""{ "{{not}}{{name}}": [ "{{value}}" ] }""";
        return $$"""{ "p": { "Action": "{{action}}", "Rules": [ { "{{part}}": [ {{entry}} ] } ] } }""";
    }

    private static AuthorizationRequest RequestOf(string line)
    {
        var (name, value) = line.Split('=', 2) is [var first, var second] ? (first, second) : (line, "");
        var attributes = new TestAttributes
        {
            Source = name == "source" ? value : null,
            Remote = name == "remote" ? value : null,
            Destination = name == "destination" ? value : null,
            DestinationPort = name == "port" ? int.Parse(value, CultureInfo.InvariantCulture) : 0,
            ServerName = name == "sni" ? value : null,
            Token = name == "claims" ? AuthorizationCorpus.Claims : null,
            Headers = name == "x-flag" ? [(name, value.Split('|'))] : [],
        };
        return Policies.Request(
            name == "peer" ? value : null,
            name == "token" ? value : null,
            name == "host" ? value : "shop.example",
            name == "method" ? value : "GET",
            name == "path" ? value : "/",
            attributes);
    }
}
