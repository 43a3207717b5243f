using Mesh.Client.Endpoints;
using Mesh.Identity;

namespace Mesh.Client.Tests.Endpoints;

public sealed class EndpointMetadataTests
{
    private static readonly EndpointMetadata Full = new()
    {
        Weight = 3,
        Priority = 1,
        Region = "eu",
        Zone = "eu-1",
        SubZone = "rack-7",
        Version = "v2",
        Identity = SpiffeId.Parse("spiffe://shop.example/ns/shop/sa/orders"),
        Labels = new Dictionary<string, string> { ["tier"] = "gold" },
    };

    public static IEnumerable<EndpointMetadata> Others() =>
    [
        Full with { Weight = 4 },
        Full with { Priority = 0 },
        Full with { Region = "us" },
        Full with { Zone = null },
        Full with { SubZone = "rack-8" },
        Full with { Version = "v3" },
        Full with { Identity = null },
        Full with { Labels = new Dictionary<string, string> { ["tier"] = "silver" } },
        Full with { Labels = new Dictionary<string, string> { ["level"] = "gold" } },
        Full with { Labels = new Dictionary<string, string>() },
    ];

    [Test]
    public void Equals_SameValues_IsTrue()
    {
        var same = Full with { Labels = new Dictionary<string, string> { ["tier"] = "gold" } };
        Assert.That(same, Is.EqualTo(Full));
        Assert.That(same.GetHashCode(), Is.EqualTo(Full.GetHashCode()));
    }

    [TestCaseSource(nameof(Others))]
    public void Equals_OneFieldDiffers_IsFalse(EndpointMetadata other) => Assert.That(other, Is.Not.EqualTo(Full));

    [TestCase("version", "v2")]
    [TestCase("region", "eu")]
    [TestCase("zone", "eu-1")]
    [TestCase("subzone", "rack-7")]
    [TestCase("tier", "gold")]
    [TestCase("Tier", null)]
    [TestCase("other", null)]
    public void Label_ByName_IsLabelOrProperty(string name, string? value) => Assert.That(Full.Label(name), Is.EqualTo(value));

    [Test]
    public void Label_LabelNamedLikeAProperty_WinsOverTheProperty() =>
        Assert.That((Full with { Labels = new Dictionary<string, string> { ["version"] = "canary" } }).Label("version"), Is.EqualTo("canary"));

    [Test]
    public void Labels_SourceChangesLater_AreNotTouched()
    {
        var source = new Dictionary<string, string> { ["tier"] = "gold" };
        var metadata = new EndpointMetadata { Labels = source };
        source["tier"] = "silver";
        Assert.That(metadata.Label("tier"), Is.EqualTo("gold"));
    }

    [TestCase(0)]
    [TestCase(EndpointMetadata.MaxWeight + 1)]
    public void Weight_OutOfRange_Throws(int weight) =>
        Assert.That(() => new EndpointMetadata { Weight = weight }, Throws.TypeOf<ArgumentOutOfRangeException>());

    [TestCase(-1)]
    [TestCase(EndpointMetadata.MaxPriority + 1)]
    public void Priority_OutOfRange_Throws(int priority) =>
        Assert.That(() => new EndpointMetadata { Priority = priority }, Throws.TypeOf<ArgumentOutOfRangeException>());
}
