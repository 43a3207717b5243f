using Mesh.Tests.Certificates;

namespace Mesh.EndToEnd.Tests.Handshakes;

/// <summary>The corpus as of now, made once for both sides.</summary>
internal static class HandshakeCorpus
{
    public static CertificateCorpus Corpus { get; } = new(DateTimeOffset.UtcNow);

    public static IReadOnlyList<Presenter> Presenters { get; } = [.. Corpus.Cases.Select(static chain => new Presenter(chain))];

    /// <summary>Settings of a process that trusts what the corpus trusts.</summary>
    public static Dictionary<string, string?> Settings() => new()
    {
        ["Mesh:Service:Name"] = "storefront",
        ["Mesh:Service:Namespace"] = "shop",
        ["Mesh:Service:TrustDomain"] = "shop.example",
        ["Mesh:Service:TrustDomainAliases:0"] = "former.example",
        ["Mesh:Service:TrustDomainAliases:1"] = "later.example",
    };

    public static IEnumerable<TestCaseData> Cases() =>
        Enumerable.Range(0, Presenters.Count).Select(static index => new TestCaseData(index).SetArgDisplayNames(Presenters[index].Case.Name));
}
