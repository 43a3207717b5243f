using System.Globalization;

namespace Mesh.Benchmarks.Gateway;

/// <summary>What a process and its children have used of the processors (Linux).</summary>
internal static class ProcessorTime
{
    // USER_HZ is 100 on every architecture .NET runs on.
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);

    public static TimeSpan Of(int id)
    {
        var ticks = 0L;
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var found) && Read(folder) is { } fields && (found == id || fields.Parent == id))
            {
                ticks += fields.Ticks;
            }
        }

        return ticks * Tick;
    }

    private static (int Parent, long Ticks)? Read(string folder)
    {
        try
        {
            // proc(5): the name in parentheses may contain anything; behind it come state, parent, … and as 12th and 13th utime and stime.
            var text = File.ReadAllText(Path.Combine(folder, "stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
            return (int.Parse(fields[1], CultureInfo.InvariantCulture), long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            // It has ended meanwhile.
            return null;
        }
    }
}
