export { heatMap, type HeatMapOptions } from './heat-map.js';
export { lineChart, type LineChartOptions, type Point } from './line-chart.js';
export { Picture, type Colour } from './picture.js';
export { Random } from './random.js';
export { table } from './table.js';
