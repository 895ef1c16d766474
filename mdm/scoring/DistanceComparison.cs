using CdcSync.Mdm.Standardise;

namespace CdcSync.Mdm.Scoring;

/// <summary>Places on earth, by how far they are apart.</summary>
public sealed class DistanceComparison : IComparison
{
    const double EarthKilometres = 6371;

    public string Name => "distance";

    public IReadOnlyList<string> Levels { get; } = ["the same", "within 30 m", "within 100 m", "within 300 m", "within 1 km", "within 10 km", "farther"];

    public int Compare(FieldValue one, FieldValue other, IWordFrequencies words)
    {
        if (one.Text == other.Text) return 0;
        if (one.Detail is not Coordinates left || other.Detail is not Coordinates right) return 6;
        return Kilometres(left, right) switch { <= 0.03 => 1, <= 0.1 => 2, <= 0.3 => 3, <= 1 => 4, <= 10 => 5, _ => 6 };
    }

    static double Kilometres(Coordinates one, Coordinates other)
    {
        double Half(double a, double b) => Math.Pow(Math.Sin(double.DegreesToRadians(b - a) / 2), 2);
        var chord = Half(one.Latitude, other.Latitude)
            + (Math.Cos(double.DegreesToRadians(one.Latitude)) * Math.Cos(double.DegreesToRadians(other.Latitude)) * Half(one.Longitude, other.Longitude));
        return 2 * EarthKilometres * Math.Asin(Math.Min(1, Math.Sqrt(chord)));
    }
}
