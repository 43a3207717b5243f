using Mesh.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.Logging;

namespace Mesh.Core.Tests.Configuration;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class PolicySourceTests
{
    private sealed record Policy(string? Value);

    private readonly RecordingLogger _logger = new();

    [Test]
    public void Reload_EqualValues_DoesNothing()
    {
        var settings = new Settings(("P:Value", "1"));
        using var source = Create(settings);
        var first = source.Current;
        settings.Reload();
        settings.Set("Elsewhere:Value", "2");
        Assert.Multiple(() =>
        {
            Assert.That(source.Current, Is.SameAs(first));
            Assert.That(source.Revision, Is.Zero);
            Assert.That(_logger.Entries, Is.Empty);
        });
    }

    [Test]
    public void Reload_NewValues_ReplacesAndTellsListeners()
    {
        var settings = new Settings(("P:Value", "1"));
        using var source = Create(settings);
        List<Policy> heard = [];
        source.OnChange(static _ => throw new InvalidOperationException("a listener's own trouble"));
        source.OnChange(heard.Add);
        settings.Set("P:Value", "2");
        Assert.Multiple(() =>
        {
            Assert.That(source.Current.Value, Is.EqualTo("2"));
            Assert.That(source.Revision, Is.EqualTo(1));
            Assert.That(heard, Is.EqualTo([source.Current]));
            Assert.That(_logger.Entries.Select(static entry => entry.Level), Is.EqualTo([LogLevel.Information, LogLevel.Error]), "replaced; one listener failed");
        });
    }

    [Test]
    public void Refresh_EqualValues_ReplacesAllTheSame()
    {
        using var source = Create(new Settings(("P:Value", "1")));
        var first = source.Current;
        Assert.Multiple(() =>
        {
            Assert.That(source.Refresh(), Is.True);
            Assert.That(source.Current, Is.Not.SameAs(first));
            Assert.That(source.Revision, Is.EqualTo(1));
        });
    }

    [Test]
    public void Refresh_Invalid_KeepsTheLastGood()
    {
        var isBroken = false;
        using var source = new PolicySource<Policy>(null, "P", () => isBroken ? throw new MeshConfigurationException("P", ["broken"]) : new Policy("1"), _logger);
        isBroken = true;
        Assert.Multiple(() =>
        {
            Assert.That(source.Refresh(), Is.False);
            Assert.That(source.Current.Value, Is.EqualTo("1"));
            Assert.That(_logger.Entries, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public void Reload_Invalid_KeepsTheLastGoodAndSaysSoOnce()
    {
        var settings = new Settings(("P:Value", "1"));
        using var source = Create(settings);
        settings.Set("P:Value", "bad");
        settings.Reload();
        settings.Reload();
        Assert.Multiple(() =>
        {
            Assert.That(source.Current.Value, Is.EqualTo("1"));
            Assert.That(_logger.Entries, Has.Count.EqualTo(1));
            Assert.That(_logger.Entries[0].Level, Is.EqualTo(LogLevel.Error));
            Assert.That(_logger.Entries[0].Message, Does.Contain("P:Value: found 'bad'"));
        });
        settings.Set("P:Value", "3");
        Assert.That((source.Current.Value, source.Revision), Is.EqualTo(("3", 1)));
    }

    [Test]
    public void Reload_BackToTheLastGood_ForgetsTheError()
    {
        var settings = new Settings(("P:Value", "1"));
        using var source = Create(settings);
        settings.Set("P:Value", "bad");
        settings.Set("P:Value", "1");
        settings.Set("P:Value", "bad");
        Assert.That((source.Current.Value, source.Revision, _logger.Entries.Count), Is.EqualTo(("1", 0, 2)));
    }

    [Test]
    public void Reload_SectionVanishes_IsRefused()
    {
        var settings = new Settings(("P:Value", "1"));
        using var source = Create(settings);
        settings.Set("P:Value", null);
        Assert.Multiple(() =>
        {
            Assert.That(source.Current.Value, Is.EqualTo("1"));
            Assert.That(_logger.Entries.Single().Message, Does.Contain("every setting has disappeared"));
        });
    }

    [Test]
    public void Constructor_ChangeWhileBuilding_IsNotLost()
    {
        var settings = new Settings(("P:Value", "1"));
        var builds = 0;
        using var source = new PolicySource<Policy>(
            settings.Section,
            "P",
            () =>
            {
                var policy = new Policy(settings.Section["Value"]);
                if (builds++ == 0)
                {
                    settings.Set("P:Value", "2");
                }

                return policy;
            },
            _logger);
        Assert.That(source.Current.Value, Is.EqualTo("2"));
    }

    [Test]
    public void Constructor_Invalid_Throws() => Assert.That(() => Create(new Settings(("P:Value", "bad"))), Throws.TypeOf<MeshConfigurationException>());

    [Test]
    public void Dispose_LaterChanges_AreNotHeard()
    {
        var settings = new Settings(("P:Value", "1"));
        var source = Create(settings);
        source.Dispose();
        settings.Set("P:Value", "2");
        Assert.That(source.Current.Value, Is.EqualTo("1"));
    }

    [Test]
    public void Current_WithoutConfiguration_IsWhatIsBuilt()
    {
        using var source = new PolicySource<Policy>(null, "P", static () => new Policy("x"), _logger);
        Assert.That(source.Current.Value, Is.EqualTo("x"));
    }

    private PolicySource<Policy> Create(Settings settings) => new(
        settings.Section,
        "P",
        () =>
        {
            var errors = new ConfigurationErrors();
            if (settings.Section["Value"] == "bad")
            {
                errors.Add("P:Value", "bad", "anything else");
            }

            errors.ThrowIfAny("P");
            return new Policy(settings.Section["Value"]);
        },
        _logger);

    /// <summary>Configuration that a test changes while it is in use.</summary>
    private sealed class Settings
    {
        private readonly IConfigurationRoot _root;

        public Settings(params (string Key, string Value)[] settings) => _root = new ConfigurationBuilder()
            .Add(new MemoryConfigurationSource { InitialData = settings.Select(static setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)) })
            .Build();

        public IConfigurationSection Section => _root.GetSection("P");

        public void Set(string key, string? value)
        {
            _root[key] = value;
            Reload();
        }

        public void Reload() => _root.Reload();
    }
}
