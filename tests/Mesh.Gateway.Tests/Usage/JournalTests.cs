using CsCheck;
using Mesh.Gateway.Quotas;
using Mesh.Gateway.Usage;

namespace Mesh.Gateway.Tests.Usage;

public sealed class JournalTests
{
    private static readonly Gen<Action<JournalWriter>> Record = Gen.Frequency<Action<JournalWriter>>(
        (1, Gen.Select(Gen.String[0, 40], Gen.Enum<QuotaPeriod>(), Gen.Enum<QuotaWindow>(), Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue], Gen.Long[0, 1000].Array[0, 30])
            .Select<(string Consumer, QuotaPeriod Period, QuotaWindow Window, long Number, long Used, long[] Older), Action<JournalWriter>>(
                static record => writer => writer.WriteQuota(new QuotaKey(record.Consumer, "month", record.Period, record.Window), new QuotaFrame(record.Number, record.Used, record.Older)))),
        (1, Gen.Select(Gen.Int[0, DateOnly.MaxValue.DayNumber], Gen.String[0, 40], Gen.Int[100, 599], Gen.Long[0, long.MaxValue], Gen.Long[0, long.MaxValue])
            .Select<(int Day, string Consumer, int Status, long Requests, long Cost), Action<JournalWriter>>(
                static record => writer => writer.WriteUsage(new UsageKey(record.Day, record.Consumer, "route", record.Status), record.Requests, record.Cost))));

    [Test]
    public void Read_WhatWasWritten_IsTheSame() => Record.Array[0, 20].Sample(
        static records =>
        {
            var file = Write(records);
            var (read, whole) = Read(file.Data);
            Assert.That(whole, Is.True);
            Assert.That(read, Has.Count.EqualTo(records.Length));
        },
        iter: 300);

    [Test]
    public void Read_CutAnywhere_IsAPrefix() => Gen.Select(Record.Array[1, 12], Gen.Double.Unit).Sample(
        static (records, where) =>
        {
            var (data, ends) = Write(records);
            var cut = (int)(where * data.Length);
            var (read, whole) = Read(data[..cut]);
            Assert.That(read, Is.EqualTo(Read(data).Records.Take(ends.Count(end => end <= cut))));
            Assert.That(whole, Is.EqualTo(ends.Contains(cut) || cut == ends.Header));
        },
        iter: 2000);

    [Test]
    public void Read_AnyBitFlipped_IsThePrefixInFrontOfIt() => Gen.Select(Record.Array[1, 12], Gen.Double.Unit, Gen.Int[0, 7]).Sample(
        static (records, where, bit) =>
        {
            var (data, ends) = Write(records);
            var all = Read(data).Records;
            var at = (int)(where * data.Length);
            data[at] ^= (byte)(1 << bit);
            var (read, whole) = Read(data);
            Assert.That(whole, Is.False);
            Assert.That(read, Is.EqualTo(all.Take(ends.Count(end => end <= at))));
        },
        iter: 5000);

    [Test]
    public void Read_Noise_IsNothingAndNoException() => Gen.Byte.Array[0, 300].Sample(static noise => Assert.That(Read(noise).Records, Is.Empty), iter: 2000);

    [Test]
    public void Read_ZerosBehindTheEnd_AreNoRecords()
    {
        // Where a file system had made the file longer and not yet written into it.
        var (data, _) = Write([static writer => writer.WriteUsage(new UsageKey(1, "acme", "route", 200), 1, 1)]);
        var (read, whole) = Read([.. data, .. new byte[4096]]);
        Assert.That(read, Has.Count.EqualTo(1));
        Assert.That(whole, Is.False);
    }

    [Test]
    public void Of_TheStandardsExample_IsItsChecksum() =>
        Assert.That(Checksum.Of("123456789"u8), Is.EqualTo(0xE3069283));

    private static (byte[] Data, RecordEnds Ends) Write(Action<JournalWriter>[] records)
    {
        var writer = new JournalWriter();
        writer.WriteHeader(7);
        var ends = new RecordEnds(writer.Length);
        foreach (var record in records)
        {
            record(writer);
            ends.Add(writer.Length);
        }

        return (writer.Written.ToArray(), ends);
    }

    private static (List<string> Records, bool IsWhole) Read(byte[] data)
    {
        var target = new RecordedJournal();
        var reader = new JournalReader(data);
        if (!reader.TryReadHeader(out _))
        {
            return (target.Records, false);
        }

        reader.ReadInto(target);
        return (target.Records, reader.IsAtEnd);
    }

    private sealed class RecordEnds(int header) : List<int>
    {
        public int Header { get; } = header;
    }
}
