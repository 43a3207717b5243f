using Mesh.Gateway.Quotas;
using Mesh.Gateway.Usage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Mesh.Gateway.Tests.Usage;

public sealed class UsageStoreTests
{
    private static readonly DateTimeOffset Start = new(2027, 1, 30, 12, 0, 0, TimeSpan.Zero);
    private static readonly Quota Month = new(new QuotaOptions { Name = "month", Limit = 100 });
    private static readonly Quota Rolling = new(new QuotaOptions { Name = "rolling", Limit = 100, Period = QuotaPeriod.Day, Window = QuotaWindow.Rolling });

    private string _directory = "";

    [SetUp]
    public void SetUp() => _directory = Directory.CreateTempSubdirectory("mesh-usage-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Open_AfterACrash_KnowsWhatWasFlushed()
    {
        using (var crashed = Opened())
        {
            crashed.Use("acme", 5);
            crashed.Time.Advance(TimeSpan.FromSeconds(1));
            crashed.Use("acme", 3);
            Copy();
        }

        // As the files were when the power went.
        using var next = Opened(Path.Combine(_directory, "copy"));
        Assert.That(next.UsedBy("acme"), Is.EqualTo((5, 5, 5)));
    }

    [Test]
    public void Open_AfterAGoodEnd_KnowsEverything()
    {
        using (var first = Opened())
        {
            first.Use("acme", 5);
            first.Store.Close();
        }

        using var next = Opened();
        next.Use("acme", 1);
        Assert.That(next.UsedBy("acme"), Is.EqualTo((6, 6, 6)));
    }

    [Test]
    public void Open_ManyTimes_TheFolderStaysSmall()
    {
        for (var i = 1; i <= 20; i++)
        {
            using var node = Opened();
            node.Use("acme", 1);
            node.Store.Close();
            Assert.That(node.UsedBy("acme"), Is.EqualTo((i, i, i)));
        }

        Assert.That(Directory.GetFiles(_directory).Sum(static file => new FileInfo(file).Length), Is.LessThan(10_000));
        Assert.That(Directory.GetFiles(_directory), Has.Length.LessThanOrEqualTo(4));
    }

    [Test]
    public void Flush_EndlessChanges_TheFolderStaysBounded()
    {
        using var node = Opened();
        for (var i = 0; i < 400; i++)
        {
            for (var consumer = 0; consumer < 60; consumer++)
            {
                node.Use($"a-consumer-with-a-long-name-{consumer}", 1);
            }

            node.Store.Flush();
        }

        Assert.That(Directory.GetFiles(_directory).Sum(static file => new FileInfo(file).Length), Is.LessThan(4_000_000));
        node.Dispose();
        using var next = Opened();
        Assert.That(next.Quotas.Accounts.Sum(static account => account.Frame!.Used), Is.EqualTo(2 * 60 * 100), "each is stopped by its quota");
    }

    [Test]
    public void Open_JournalCutAnywhere_KnowsAPrefix()
    {
        using (var crashed = Opened())
        {
            for (var i = 1; i <= 10; i++)
            {
                crashed.Use("acme", 1);
                crashed.Store.Flush();
            }
        }

        var journal = Directory.GetFiles(_directory, "usage.journal.*").Single();
        var data = File.ReadAllBytes(journal);
        var copy = Directory.CreateDirectory(Path.Combine(_directory, "copy")).FullName;
        var last = 0L;
        for (var cut = 0; cut <= data.Length; cut += 7)
        {
            foreach (var file in Directory.GetFiles(copy))
            {
                File.Delete(file);
            }

            File.Copy(Path.Combine(_directory, "usage.snapshot"), Path.Combine(copy, "usage.snapshot"));
            File.WriteAllBytes(Path.Combine(copy, Path.GetFileName(journal)), data[..cut]);
            using var next = Opened(copy);
            var (month, rolling, requests) = next.UsedBy("acme");
            Assert.That(month, Is.InRange(last, 10));
            Assert.That(Math.Abs(month - rolling), Is.LessThanOrEqualTo(1));
            Assert.That(Math.Abs(month - requests), Is.LessThanOrEqualTo(1));
            last = month;
        }

        Assert.That(last, Is.EqualTo(10));
    }

    [Test]
    public void Open_LossOfPowerUndidTheSnapshot_BothJournalsTellTheSame()
    {
        byte[] old;
        using (var node = Opened())
        {
            old = File.ReadAllBytes(Path.Combine(_directory, "usage.snapshot"));
            node.Use("acme", 4);
            node.Store.Flush();
        }

        using (var node = Opened())
        {
            node.Use("acme", 2);
            node.Store.Flush();
        }

        File.WriteAllBytes(Path.Combine(_directory, "usage.snapshot"), old);
        using var next = Opened();
        Assert.That(next.UsedBy("acme"), Is.EqualTo((6, 6, 6)));
    }

    [Test]
    public void Open_AnotherProcessHasTheFolder_SaysWhatToDo()
    {
        using var first = Opened();
        Assert.That(() => Opened(), Throws.InvalidOperationException.With.Message.Contains("Mesh:Gateway:Usage:Directory").And.Message.Contains("a folder of its own"));
    }

    [Test]
    public void Flush_FolderGoneForAWhile_NothingIsLostAndRequestsGoOn()
    {
        using var node = Opened();
        node.Use("acme", 1);
        Directory.Delete(_directory, recursive: true);
        for (var i = 0; i < 3; i++)
        {
            // An open file can be written to for as long as it is open; the snapshot that follows cannot.
            node.Quotas.Sweep(node.Time.GetUtcNow());
            node.Use("acme", 1);
            node.ForceSnapshot();
        }

        Assert.That(node.Store.IsFailing, Is.True);
        Directory.CreateDirectory(_directory);
        node.Store.Flush();
        Assert.That(node.Store.IsFailing, Is.False);
        Copy();
        using var next = Opened(Path.Combine(_directory, "copy"), start: node.Time.GetUtcNow());
        Assert.That(next.UsedBy("acme"), Is.EqualTo((4, 4, 4)));
    }

    [Test]
    public void Flush_DaysBeyondTheRetention_AreForgotten()
    {
        using var node = Opened(retention: 2);
        for (var day = 0; day < 6; day++)
        {
            node.Use("acme", 1);
            node.Time.Advance(TimeSpan.FromDays(1));
        }

        node.Store.Flush();
        Assert.That(node.Usage.Counters.Select(static counter => counter.Key.Day).Order(), Is.EqualTo(new[] { Day(4), Day(5) }), "the two days before today, which has nothing");
        node.Dispose();
        using var next = Opened(retention: 2, start: Start.AddDays(6));
        Assert.That(next.Usage.Count, Is.EqualTo(2));

        static int Day(int offset) => DateOnly.FromDateTime(Start.AddDays(offset).UtcDateTime).DayNumber;
    }

    [Test]
    public void Add_BeyondTheBound_IsCountedWithTheOthers()
    {
        var usage = new UsageLedger(new JournalQueue(isKept: false), maxEntries: 100);
        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 1000; i++)
            {
                usage.Add(new UsageKey(1, $"c{i}", "route", 204), 2);
            }
        });
        Assert.That(usage.Count, Is.LessThanOrEqualTo(101));
        Assert.That(usage.Counters.Sum(static counter => counter.Requests), Is.EqualTo(4000));
        Assert.That(usage.Counters.Sum(static counter => counter.Cost), Is.EqualTo(8000));
        Assert.That(usage.Counters.Single(static counter => counter.Key.Consumer == UsageLedger.Others).Key.Status, Is.EqualTo(200));
    }

    private Node Opened(string? directory = null, int retention = 62, DateTimeOffset? start = null) =>
        new(new UsageOptions { Directory = directory ?? _directory, RetentionDays = retention, FlushToDisk = false }, start ?? Start);

    private void Copy()
    {
        var copy = Directory.CreateDirectory(Path.Combine(_directory, "copy")).FullName;
        foreach (var file in Directory.GetFiles(_directory).Where(static file => !file.EndsWith("usage.lock", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }
    }

    /// <summary>A process, as far as the store is concerned.</summary>
    private sealed class Node : IDisposable
    {
        private readonly JournalQueue _queue = new(isKept: true);

        public Node(UsageOptions options, DateTimeOffset start)
        {
            Time = new FakeTimeProvider(start);
            Quotas = new QuotaLedger(_queue);
            Usage = new UsageLedger(_queue, options.MaxEntries);
            Store = new UsageStore(Quotas, Usage, _queue, options, Time, NullLogger<UsageStore>.Instance);
            Store.Open();
        }

        public FakeTimeProvider Time { get; }

        public QuotaLedger Quotas { get; }

        public UsageLedger Usage { get; }

        public UsageStore Store { get; }

        public void Use(string consumer, int times)
        {
            var results = new QuotaResult[2];
            for (var i = 0; i < times; i++)
            {
                Quotas.TryCharge([Month, Rolling], consumer, 1, Time.GetUtcNow(), results);
                Usage.Add(new UsageKey(DateOnly.FromDateTime(Time.GetUtcNow().UtcDateTime).DayNumber, consumer, "route", 200), 1);
            }
        }

        public (long Month, long Rolling, long Requests) UsedBy(string consumer) => (
            UsedOf(Month, consumer),
            UsedOf(Rolling, consumer),
            Usage.Counters.Where(counter => counter.Key.Consumer == consumer).Sum(static counter => counter.Requests));

        /// <summary>Leaves behind a day that is too old, so that the next write is a snapshot.</summary>
        public void ForceSnapshot()
        {
            Usage.Add(new UsageKey(1, "old", "route", 200), 0);
            Time.Advance(TimeSpan.FromHours(1));
        }

        public void Dispose() => Store.Dispose();

        private long UsedOf(Quota quota, string consumer) => Quotas.Accounts.SingleOrDefault(account => account.Key == quota.KeyOf(consumer))?.Frame?.Used ?? 0;
    }
}
