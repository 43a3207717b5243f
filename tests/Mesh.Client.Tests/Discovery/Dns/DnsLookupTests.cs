using System.Net;
using DnsClient;
using Mesh.Client.Discovery.Dns;
using Mesh.Client.Endpoints;

namespace Mesh.Client.Tests.Discovery.Dns;

public sealed class DnsLookupTests
{
    private const string Srv = "_https._tcp.orders.test";

    [Test]
    public async Task Ask_Addresses_AreEndpointsInAFixedOrder()
    {
        await using var server = new DnsServer();
        server.Names("orders.test", "10.0.0.2", "10.0.0.1", "10.0.0.2");

        var answer = await AskAsync(server, Host("orders.test", port: 8443));

        Assert.That(AddressesOf(answer), Is.EqualTo(["10.0.0.1:8443", "10.0.0.2:8443"]));
        Assert.That(answer.Endpoints.Select(static endpoint => endpoint.Metadata), Is.All.EqualTo(EndpointMetadata.Default));
    }

    [Test]
    public async Task Ask_Alias_IsFollowedAndItsTimeToLiveCounts()
    {
        await using var server = new DnsServer();
        server.Answers(DnsRecord.A, "orders.test", DnsRecord.Alias("orders.test", "real.test", ttl: 7), DnsRecord.Address("real.test", "10.0.0.1", ttl: 60));

        var answer = await AskAsync(server, Host("orders.test"));

        Assert.That(AddressesOf(answer), Is.EqualTo(["10.0.0.1:0"]));
        Assert.That(answer.Ttl, Is.EqualTo(TimeSpan.FromSeconds(7)));
    }

    [TestCase(DnsFamily.PreferIPv4, "10.0.0.1:0")]
    [TestCase(DnsFamily.PreferIPv6, "[fd00::1]:0")]
    [TestCase(DnsFamily.All, "10.0.0.1:0", "[fd00::1]:0")]
    public async Task Ask_HostWithBothFamilies_TakesThePreferred(DnsFamily family, params string[] expected)
    {
        await using var server = new DnsServer();
        server.Names("orders.test", "10.0.0.1");
        server.Answers(DnsRecord.Aaaa, "orders.test", DnsRecord.Address("orders.test", "fd00::1"));

        Assert.That(AddressesOf(await AskAsync(server, Host("orders.test"), family)), Is.EqualTo(expected));
    }

    [Test]
    public async Task Ask_HostWithoutThePreferredFamily_TakesTheOther()
    {
        await using var server = new DnsServer();
        server.Answers(DnsRecord.Aaaa, "orders.test", DnsRecord.Address("orders.test", "fd00::1"));

        Assert.That(AddressesOf(await AskAsync(server, Host("orders.test"))), Is.EqualTo(["[fd00::1]:0"]));
    }

    [Test]
    public async Task Ask_NoSuchName_IsAnEmptyAnswerForTheTimeOfTheZone()
    {
        await using var server = new DnsServer();

        var answer = await AskAsync(server, Host("orders.test"));

        Assert.That(answer.Endpoints, Is.Empty);
        Assert.That(answer.Ttl, Is.EqualTo(TimeSpan.FromSeconds(10)), "the MINIMUM of the SOA record");
    }

    [Test]
    public async Task Ask_ServiceRecords_TakesPortPriorityWeightAndTheAddressesSentAlong()
    {
        await using var server = new DnsServer();
        server.Zone[(Srv, DnsRecord.Srv)] = new DnsReply
        {
            Answers = [DnsRecord.Service(Srv, 10, 60, 8443, "a.test"), DnsRecord.Service(Srv, 20, 5, 9443, "b.test", ttl: 25)],
            Additionals = [DnsRecord.Address("a.test", "10.0.0.1"), DnsRecord.Address("b.test", "10.0.0.2", ttl: 9)],
        };

        var answer = await AskAsync(server, new DnsTarget(Srv, DnsRecords.Srv, 0));

        Assert.That(answer.Endpoints, Is.EqualTo(
        [
            new DnsEndpoint(IPEndPoint.Parse("10.0.0.1:8443"), new EndpointMetadata { Priority = 10, Weight = 60 }),
            new DnsEndpoint(IPEndPoint.Parse("10.0.0.2:9443"), new EndpointMetadata { Priority = 20, Weight = 5 }),
        ]));
        Assert.That(answer.Ttl, Is.EqualTo(TimeSpan.FromSeconds(9)), "the shortest of all records used");
        Assert.That(server.Questions, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Ask_ServiceRecordsWithoutAddresses_AsksForThem()
    {
        await using var server = new DnsServer();
        server.Answers(DnsRecord.Srv, Srv, DnsRecord.Service(Srv, 0, 1, 1, "a.test"), DnsRecord.Service(Srv, 0, 1, 2, "a.test"), DnsRecord.Service(Srv, 0, 1, 3, "gone.test"));
        server.Names("a.test", 5, "10.0.0.1", "10.0.0.2");

        var answer = await AskAsync(server, new DnsTarget(Srv, DnsRecords.Srv, 0));

        Assert.That(AddressesOf(answer), Is.EqualTo(["10.0.0.1:1", "10.0.0.1:2", "10.0.0.2:1", "10.0.0.2:2"]));
        Assert.That(answer.Ttl, Is.EqualTo(TimeSpan.FromSeconds(5)));
        Assert.That(server.AskedFor("a.test"), Is.EqualTo(1), "once for both records");
    }

    [TestCase(0, 0, 1, 1, TestName = "Ask_NoRecordHasAWeight_AllAreEqual")]
    [TestCase(0, 10, 1, 120, TestName = "Ask_RecordWithoutWeightAmongOthers_IsHardlyEverChosen")]
    public async Task Ask_ServiceRecords_WeightsMeanWhatRfc2782Says(int first, int second, int expectedFirst, int expectedSecond)
    {
        await using var server = new DnsServer();
        server.Answers(DnsRecord.Srv, Srv, DnsRecord.Service(Srv, 0, (ushort)first, 1, "a.test"), DnsRecord.Service(Srv, 0, (ushort)second, 1, "b.test"));
        server.Names("a.test", "10.0.0.1");
        server.Names("b.test", "10.0.0.2");

        Assert.That(WeightsOf(await AskAsync(server, new DnsTarget(Srv, DnsRecords.Srv, 0))), Is.EqualTo([expectedFirst, expectedSecond]));
    }

    [Test]
    public async Task Ask_ServiceRecordOfAHostWithSeveralAddresses_TheyShareItsWeight()
    {
        await using var server = new DnsServer();
        server.Answers(DnsRecord.Srv, Srv, DnsRecord.Service(Srv, 0, 30, 1, "a.test"), DnsRecord.Service(Srv, 0, 10, 1, "b.test"));
        server.Names("a.test", "10.0.0.1", "10.0.0.2", "10.0.0.3");
        server.Names("b.test", "10.0.0.4");

        Assert.That(WeightsOf(await AskAsync(server, new DnsTarget(Srv, DnsRecords.Srv, 0))), Is.EqualTo([120, 120, 120, 120]));
    }

    [Test]
    public async Task Ask_ServiceRecordWithTheRootAsTarget_IsEmpty()
    {
        await using var server = new DnsServer();
        server.Answers(DnsRecord.Srv, Srv, DnsRecord.Service(Srv, 0, 0, 0, "."));

        Assert.That((await AskAsync(server, new DnsTarget(Srv, DnsRecords.Srv, 0))).Endpoints, Is.Empty);
    }

    [Test]
    public async Task Ask_LongAnswer_ComesByTcp()
    {
        await using var server = new DnsServer();
        var records = Enumerable.Range(0, 300).Select(static i => DnsRecord.Address("orders.test", $"10.0.{i / 250}.{i % 250}")).ToArray();
        server.Zone[("orders.test", DnsRecord.A)] = new DnsReply { Answers = records, IsTruncated = true };

        var answer = await AskAsync(server, Host("orders.test"));

        Assert.That(answer.Endpoints, Has.Length.EqualTo(300));
        Assert.That(server.Questions.Select(static question => question.OverTcp), Is.EqualTo([false, true]));
        Assert.That(server.Questions.First().HasEdns, Is.True);
    }

    [TestCase(DnsReply.ServerFailure)]
    [TestCase(DnsReply.Refused)]
    public async Task Ask_ServerFails_Throws(int code)
    {
        await using var server = new DnsServer { Always = DnsReply.Failing(code) };
        Assert.That(() => AskAsync(server, Host("orders.test")), Throws.InstanceOf<DnsResponseException>());
    }

    [Test]
    public async Task Ask_ServerIsSilent_ThrowsAfterTheTimeout()
    {
        await using var server = new DnsServer { Always = DnsReply.Silence };
        Assert.That(() => AskAsync(server, Host("orders.test")), Throws.InstanceOf<DnsResponseException>());
        Assert.That(server.Questions, Has.Count.EqualTo(2), "asked twice");
    }

    [Test]
    public async Task Ask_Garbage_Throws()
    {
        await using var server = new DnsServer { Always = DnsReply.Garbage };
        Assert.That(() => AskAsync(server, Host("orders.test")), Throws.InstanceOf<DnsResponseParseException>());
    }

    [Test]
    public async Task Ask_FirstServerFails_TheSecondAnswers()
    {
        await using var ill = new DnsServer { Always = DnsReply.Failing(DnsReply.ServerFailure) };
        await using var well = new DnsServer();
        well.Names("orders.test", "10.0.0.1");
        var lookup = new DnsLookup([ServerOf(ill), ServerOf(well)], TimeSpan.FromSeconds(5), default);

        Assert.That(AddressesOf(await lookup.AskAsync(Host("orders.test"), default)), Is.EqualTo(["10.0.0.1:0"]));
    }

    [Test]
    public async Task Ask_HostOfAServiceRecordFails_ThrowsRatherThanForgetIt()
    {
        await using var server = new DnsServer();
        server.Answers(DnsRecord.Srv, Srv, DnsRecord.Service(Srv, 0, 1, 1, "a.test"), DnsRecord.Service(Srv, 0, 1, 2, "b.test"));
        server.Names("a.test", "10.0.0.1");
        server.Zone[("b.test", DnsRecord.A)] = DnsReply.Failing(DnsReply.ServerFailure);

        Assert.That(() => AskAsync(server, new DnsTarget(Srv, DnsRecords.Srv, 0)), Throws.InstanceOf<DnsResponseException>());
    }

    private static IEnumerable<int> WeightsOf(DnsAnswer answer) => answer.Endpoints.Select(static endpoint => endpoint.Metadata.Weight);

    private static DnsTarget Host(string name, int port = 0) => new(name, DnsRecords.Address, port);

    private static NameServer ServerOf(DnsServer server) => new(IPEndPoint.Parse(server.Address));

    private static Task<DnsAnswer> AskAsync(DnsServer server, DnsTarget target, DnsFamily family = default) =>
        new DnsLookup([ServerOf(server)], server.Always == DnsReply.Silence ? TimeSpan.FromMilliseconds(100) : TimeSpan.FromSeconds(10), family).AskAsync(target, default);

    private static IEnumerable<string> AddressesOf(DnsAnswer answer) => answer.Endpoints.Select(static endpoint => endpoint.Address.ToString());
}
