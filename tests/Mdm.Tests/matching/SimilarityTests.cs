using CdcSync.Mdm.Blocking;
using CdcSync.Mdm.Scoring;
using FsCheck;
using FsCheck.Fluent;

namespace CdcSync.Mdm.Tests.Matching;

public sealed class SimilarityTests
{
    // Winkler's own examples (1990).
    [Theory]
    [InlineData("MARTHA", "MARHTA", 0.961)]
    [InlineData("DWAYNE", "DUANE", 0.840)]
    [InlineData("DIXON", "DICKSONX", 0.813)]
    [InlineData("ABC", "XYZ", 0)]
    [InlineData("SAME", "SAME", 1)]
    [InlineData("", "A", 0)]
    public void Jaro_Winkler_is_the_published_one(string one, string other, double alike) => Assert.Equal(alike, Similarity.JaroWinkler(one, other), 3);

    [Theory]
    [InlineData("SMITH", "SMTIH", 1)]
    [InlineData("SMITH", "SMITHE", 1)]
    [InlineData("SMITH", "SMYTHE", 2)]
    [InlineData("KITTEN", "SITTING", 3)]
    [InlineData("", "ABC", 3)]
    [InlineData("AAAAAA", "BBBBBB", 4)]
    public void Edits_count_insertions_changes_and_swaps_up_to_the_most(string one, string other, int edits) => Assert.Equal(edits, Similarity.Edits(one, other, 3));

    [Fact]
    public void Likeness_is_symmetric_bounded_and_the_same_for_long_texts()
    {
        var letters = Gen.Elements('A', 'B', 'C', 'D').ArrayOf().Select(l => new string(l));
        Prop.ForAll(letters.Two().ToArbitrary(), pair =>
        {
            var (one, other) = pair;
            var alike = Similarity.JaroWinkler(one, other);
            var edits = Similarity.Edits(one, other, 100);
            // Beyond 64 letters another path is taken: it must agree with the short one.
            return alike is >= 0 and <= 1 && alike == Similarity.JaroWinkler(other, one)
                && edits == Similarity.Edits(other, one, 100) && edits <= Math.Max(one.Length, other.Length) && edits == 0 == (one == other);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Edits_are_those_of_the_textbook()
    {
        var letters = Gen.Elements('A', 'B', 'C').ArrayOf().Where(l => l.Length < 12).Select(l => new string(l));
        Prop.ForAll(letters.Two().ToArbitrary(), pair => Similarity.Edits(pair.Item1, pair.Item2, 50) == Textbook(pair.Item1, pair.Item2)).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("MEIER", "MAYER")]
    [InlineData("PHILIP", "FILIP")]
    [InlineData("SCHMIDT", "SCHMITT")]
    [InlineData("CATHERINE", "KATHRYN")]
    public void Words_that_sound_alike_have_one_code(string one, string other) => Assert.Equal(Sound.Of(one), Sound.Of(other));

    [Theory]
    [InlineData("SMITH", "JONES")]
    [InlineData("BAKER", "BANNER")]
    public void Words_that_do_not_have_two(string one, string other) => Assert.NotEqual(Sound.Of(one), Sound.Of(other));

    static int Textbook(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++) d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++) d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
            for (var j = 1; j <= b.Length; j++)
            {
                d[i, j] = Math.Min(Math.Min(d[i - 1, j], d[i, j - 1]) + 1, d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        return d[a.Length, b.Length];
    }
}
