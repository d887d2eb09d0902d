import 'element-plus/es/components/message/style/css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/tables.css';
import './styles/element.css';
import './styles/print.css';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import App from './app/App.vue';
import { makeRouter } from './app/router';

const app = createApp(App);
app.use(createPinia());
app.use(makeRouter());
app.mount('#app');
