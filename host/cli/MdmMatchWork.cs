using System.Diagnostics;
using CdcSync.Host.Settings;
using CdcSync.Mdm.Blocking;
using CdcSync.Mdm.Offline;
using CdcSync.Mdm.Rules;
using CdcSync.Mdm.Suggest;

namespace CdcSync.Host.Cli;

/// <summary>What <c>mdm match</c> does with its files, and how long it takes.</summary>
sealed record MdmMatchWork
{
    public required IReadOnlyList<string> Files { get; init; }

    public string? Rules { get; init; }

    public string? Truth { get; init; }

    public string? Labels { get; init; }

    public bool OneToOne { get; init; }

    public bool LinkOnly { get; init; }

    public MatchOutcome Run(CancellationToken stop)
    {
        var watch = Stopwatch.StartNew();
        var tables = Files.Select(f => RecordFile.Read(f, stop)).ToList();
        var notes = tables.SelectMany(t => t.Notes).ToList();
        if (LinkOnly && tables.Count == 1) throw new Contract.Settings.SettingsException("--link-only", "links files, and there is one: name another, or leave it out");
        var isColumn = Truth is not null && tables.Exists(t => t.Has(Truth));
        if (Truth is not null && !isColumn && !File.Exists(Truth))
            throw new Contract.Settings.SettingsException("--truth", $"'{Truth}' is no column and no file{Contract.Settings.NearestName.Hint(Truth, tables.SelectMany(t => t.Columns).Distinct(StringComparer.Ordinal))}");
        var rules = Read(tables, isColumn ? [Truth!] : []);
        var records = new RecordReader(rules).Read(tables, stop);
        notes.AddRange(records.Notes);
        var labels = Labels is null ? [] : new TruthFile(records, tables).Pairs(Labels, RecordFile.Read(Labels, stop)).Pairs;
        var run = new MatchRun(records, rules);
        var result = run.Run(LinkOnly, labels, stop);
        var seconds = watch.Elapsed.TotalSeconds;
        var measures = Truth is null ? null : Measure(tables, records, result, isColumn, notes, stop);
        return new MatchOutcome(tables, rules, result, measures, notes, seconds) { Recall = run.Recall(result, stop) };
    }

    /// <summary>Counts the pairs that <see cref="Run"/> would compare, and what each key brings of them.</summary>
    public (int Records, CandidatePairs Candidates, IReadOnlyList<KeyYield> Keys) Estimate(CancellationToken stop)
    {
        var tables = Files.Select(f => RecordFile.Read(f, stop)).ToList();
        var rules = Read(tables, []);
        var records = new RecordReader(rules).Read(tables, stop);
        var run = new MatchRun(records, rules);
        var candidates = run.Candidates(LinkOnly, stop);
        return (records.Count, candidates, run.Costs(candidates));
    }

    MatchRules Read(List<RawTable> tables, IReadOnlyCollection<string> truth)
    {
        if (Rules is null) return RuleSuggestion.Of(tables, OneToOne, truth).Rules;
        var file = YamlFile.Read(Rules);
        var binder = new SettingsBinder(file);
        var rules = binder.Bind<MatchRules>(file.Root, "");
        binder.ThrowIfWrong();
        return OneToOne ? rules! with { OneToOne = true } : rules!;
    }

    Measures Measure(List<RawTable> tables, RecordSet records, MatchResult result, bool isColumn, List<string> notes, CancellationToken stop)
    {
        var truth = isColumn ? Mdm.Offline.Truth.OfColumn(tables, Truth!) : new TruthFile(records, tables).Read(Truth!, RecordFile.Read(Truth!, stop));
        notes.AddRange(truth.Notes);
        return Measures.Of(result, truth, LinkOnly);
    }
}
